import type { Messages } from './messages/en.ts';
import { translator } from './translate.ts';

type QueryMessage = Extract<keyof Messages, `query.${string}`>;
const say = translator('en') as (key: string, parameters: Record<string, string | number>) => string;

/** A query that cannot be read: where, and why in words that `translator` says in any language. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** Where it begins in the text, from 0, and how long it is. */
  readonly from: number;
  readonly length: number;
  readonly key: QueryMessage;
  readonly parameters: Readonly<Record<string, string | number>>;

  constructor(from: number, length: number, key: QueryMessage, parameters: Record<string, string | number>) {
    super(say(key, parameters));
    this.from = from;
    this.length = length;
    this.key = key;
    this.parameters = parameters;
  }
}
