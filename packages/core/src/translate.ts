import { en, type MessageKey, type Messages } from './messages/en.ts';
import {
  type Language,
  languages,
  type Message,
  type MessageParameters,
  type ParameterNames,
  type Plural,
  type Translation,
} from './messages/message.ts';

export { type Language, languages } from './messages/message.ts';

/** A message that was asked for without one of its parameters: a fault of the program, never of the person. */
export class MessageParameterError extends Error {
  override readonly name = 'MessageParameterError';
  readonly key: string;
  readonly parameter: string;

  constructor(key: string, parameter: string) {
    super(`message ${key} needs the parameter ${parameter}`);
    this.key = key;
    this.parameter = parameter;
  }
}

type ParametersOf<K extends MessageKey> = [ParameterNames<Messages[K]>] extends [never]
  ? []
  : [parameters: MessageParameters<Messages[K]>];

/**
 * Says a message in one language. The compiler checks the key and the parameters, also for keys that are put together
 * from the words of the design.
 *
 * @example t('jobs.count', { count: 3 })   // "3 jobs"
 * @example t(`status.${job.status}`)       // "running"
 */
export interface Translate {
  <K extends MessageKey>(key: K, ...parameters: ParametersOf<K>): string;
  readonly language: Language;
  /** The locale for `Intl`: British English, because it writes 24 hours, the day before the month, and "3 min ago". */
  readonly locale: string;
}

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/**
 * Makes the function that says messages. English is built in; the messages of another language come from
 * `loadMessages` (they are not imported here, so that nobody loads a language that they do not read).
 *
 * The result is plain text, never HTML. `count` is written with the digit groups of the language; other numbers, such as
 * ids, are written as they are: format them first where people should read them (format.ts).
 *
 * @throws MessageParameterError (when a text is asked for) if a parameter is missing
 */
export function translator(language: 'en'): Translate;
export function translator(language: Language, messages: Translation<Messages>): Translate;
export function translator(language: Language, messages: Translation<Messages> = en): Translate {
  const locale = locales[language];
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const say = (key: MessageKey, parameters: Record<string, string | number> = {}): string => {
    const text = chooseForm(key, messages[key], parameters['count'], plurals);
    return text.includes('{') ? fill(key, text, parameters, numbers) : text;
  };
  return Object.assign(say, { language, locale }) as Translate;
}

function chooseForm(
  key: string,
  message: Message,
  count: string | number | undefined,
  plurals: Intl.PluralRules,
) {
  if (typeof message === 'string') return message;
  if (typeof count !== 'number') throw new MessageParameterError(key, 'count');
  if (count === 0 && message['=0'] !== undefined) return message['=0'];
  return message[plurals.select(count) as 'one' | 'other'] ?? message.other;
}

function fill(
  key: string,
  text: string,
  parameters: Record<string, string | number>,
  numbers: Intl.NumberFormat,
) {
  return text.replace(PLACEHOLDER, (_, name: string) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined || value === null) throw new MessageParameterError(key, name);
    return name === 'count' && typeof value === 'number' ? numbers.format(value) : String(value);
  });
}

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

/** The placeholders of a message, sorted; for tests and tools that compare languages. */
export function placeholdersOf(message: string | Plural): string[] {
  const texts = typeof message === 'string' ? [message] : Object.values<string>({ ...message });
  return [
    ...new Set(texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((found) => found[1] ?? ''))),
  ].sort();
}

/** True for the keys of the catalogue: for texts that are named by data, such as the code of an error. */
export function isMessageKey(text: string): text is MessageKey {
  return Object.hasOwn(en, text);
}

/**
 * The language that suits a person best. Each wish is a language tag, an `Accept-Language` header or a list of tags
 * (`navigator.languages`); the first wish that names a language we speak decides. English if none does.
 *
 * @example chooseLanguage(user.language, 'fr, de-AT;q=0.8, en;q=0.5')   // "de"
 */
export function chooseLanguage(
  ...wishes: readonly (string | readonly string[] | null | undefined)[]
): Language {
  for (const wish of wishes) {
    const tags = typeof wish === 'string' ? acceptedTags(wish) : (wish ?? []);
    for (const tag of tags) {
      const spoken = languages.find((language) => language === tag.trim().toLowerCase().split('-')[0]);
      if (spoken !== undefined) return spoken;
    }
  }
  return 'en';
}

/** The tags of an `Accept-Language` header (RFC 9110, 12.5.4), best first; what follows 1,000 characters is nobody's wish. */
function acceptedTags(header: string): string[] {
  return header
    .slice(0, 1_000)
    .split(',')
    .map((part) => {
      const [tag = '', ...settings] = part.split(';');
      const quality = settings.map((setting) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(setting)?.[1]).find(Boolean);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
