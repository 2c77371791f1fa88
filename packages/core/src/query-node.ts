import type { AmountField, Flag, MomentField, PartField, TermField } from './query-fields.ts';
import type { JobStatus } from './status.ts';
import type { AnalysisStatus, Assessment } from './verdict.ts';

/** A parsed query: what a job must be like. Leaves keep their `text`, as it was written, for chips and for the way back. */
export type QueryNode = QueryGroup | QueryNot | QueryLeaf;

export interface QueryGroup {
  readonly kind: 'and' | 'or';
  /** At least two, none of them of the same kind. */
  readonly items: readonly QueryNode[];
}

export interface QueryNot {
  readonly kind: 'not';
  readonly item: QueryNode;
}

export type QueryLeaf = { readonly text: string } & (
  | { readonly kind: 'word' /** Folded; the beginning of some word of the job. */; readonly word: string }
  | {
      readonly kind: 'phrase';
      /** Folded words that stand side by side; of a single one the forms that would do, with and without punctuation. */
      readonly words: readonly string[];
      readonly single: boolean;
    }
  | { readonly kind: 'status'; readonly values: readonly JobStatus[] }
  | { readonly kind: 'analysis'; readonly values: readonly AnalysisStatus[] }
  | { readonly kind: 'assessment'; readonly values: readonly (Assessment | null)[] }
  | { readonly kind: 'term'; readonly field: TermField; readonly values: readonly TermValue[] }
  | { readonly kind: 'step' /** Tags as they are. */; readonly values: readonly string[] }
  | { readonly kind: 'part'; readonly field: PartField /** Folded. */; readonly texts: readonly string[] }
  | { readonly kind: 'moment'; readonly field: MomentField; readonly moment: string }
  | { readonly kind: 'amount'; readonly field: AmountField; readonly range: AmountRange }
  | { readonly kind: 'ids'; readonly field: 'id' | 'parent'; readonly ids: readonly number[] }
  | {
      readonly kind: 'base' /** Ids as they are, `#17` for one of ours. */;
      readonly values: readonly TermValue[];
    }
  | { readonly kind: 'flag'; readonly flag: Flag }
);

export interface TermValue {
  /** Folded, but for ids. */
  readonly text: string;
  /** Any value that begins like this. */
  readonly open: boolean;
}

/** Milliseconds for durations, percent for progress. */
export interface AmountRange {
  readonly min?: number;
  readonly max?: number;
  readonly minExcluded?: boolean;
  readonly maxExcluded?: boolean;
}

/** What a query depends on besides the job: who asks, when, and where a day begins. */
export interface QueryContext {
  /** The name of whoever asks, for `is:mine`. */
  readonly me: string;
  /** Milliseconds. */
  readonly now: number;
  /** IANA zone of the diary. */
  readonly timeZone: string;
}

/** Every leaf of a query, those under a negation too. */
export function* leavesOf(node: QueryNode | undefined): Generator<QueryLeaf, void> {
  if (node === undefined) return;
  if ('items' in node) for (const item of node.items) yield* leavesOf(item);
  else if ('item' in node) yield* leavesOf(node.item);
  else yield node;
}

/** The query as text that parses to the same: what belongs together in parentheses, nothing else changed. */
export function printQuery(node: QueryNode | undefined): string {
  return node === undefined ? '' : print(node);
}

function print(node: QueryNode): string {
  switch (node.kind) {
    case 'and':
      return node.items.map(print).join(' ');
    case 'or':
      return node.items.map((item) => (item.kind === 'and' ? enclosed(item) : print(item))).join(' OR ');
    case 'not':
      return `-${'items' in node.item ? enclosed(node.item) : print(node.item)}`;
    default:
      return node.text;
  }
}

/** A word may end in a parenthesis that it has opened itself: the one that closes the group stands apart from it. */
function enclosed(node: QueryNode): string {
  const text = print(node);
  return `(${text}${/\([^\s()]*$/.test(text) ? ' ' : ''})`;
}

/** A value as it is written behind a field: in quotes where it would end early or mean something else. */
export function quoteValue(value: string): string {
  return /^[^\s",()*<>=.-][^\s",()*]*$/.test(value) ? value : `"${value.replaceAll('"', '""')}"`;
}
