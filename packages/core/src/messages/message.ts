/** The shapes of the message catalogue. See ../translate.ts for how messages become text. */

/** Languages that Daybook speaks. English is complete by definition and always at hand; others load when asked for. */
export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/**
 * A text that depends on a number, `{count}`: one form per plural category that the language has
 * (`Intl.PluralRules`), and `=0` where nothing at all deserves words of its own.
 */
export interface Plural {
  readonly '=0'?: string;
  readonly one: string;
  readonly other: string;
}

/** One message; `{name}` marks the place of a parameter. */
export type Message = string | Plural;

/** What another language has to say for the English messages `M`: the same keys, plurals where English has plurals. */
export type Translation<M> = { readonly [K in keyof M]: M[K] extends string ? string : Plural };

type NamesIn<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The names of the parameters of a message. */
export type ParameterNames<M> = M extends string
  ? NamesIn<M>
  : M extends Plural
    ? 'count' | NamesIn<M[keyof M]>
    : never;

/** The parameters of a message: `count` is a number, the rest is text (or a number written as it is). */
export type MessageParameters<M> = {
  readonly [Name in ParameterNames<M>]: Name extends 'count' ? number : string | number;
};
