import { type JobFilter, Query, type QueryNode, type Scope } from '@daybook/core';
import { expressionBuilder, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from '../storage/index.ts';
import { filteredJobs } from './filtered-jobs.ts';
import { asksWordsAlone, holds } from './queried-jobs.ts';
import { visibleJobs } from './visible-jobs.ts';
import {
  expressionOf,
  expressionOfScope,
  expressionsOfFilter,
  type WordExpression,
} from './word-expression.ts';

type Condition = RawBuilder<SqlBool>;

/** A list: whose, and which jobs of theirs. */
export interface JobSet {
  readonly scope: Scope;
  readonly filter: JobFilter;
}

/** What the indexes of words and of parts know of a list. Every job of it fulfils all of this, and maybe others do. */
export interface IndexQuestion {
  readonly expressions: readonly WordExpression[];
  readonly parts: readonly Part[];
  /** The expressions say all that is asked; whether they say it exactly is theirs. */
  readonly isComplete: boolean;
}

/** Part of a name or a path, folded, at least three characters. */
export interface Part {
  readonly field: 'name' | 'path';
  readonly text: string;
}

export function indexQuestion({ scope, filter: { q, ...filter } }: JobSet): IndexQuestion {
  const items = demandsOf(q);
  const ofQuery = items.map(expressionOf);
  const isPlain = scope.all && Object.values(filter).every((value) => value === undefined);
  return {
    expressions: [...expressionsAround({ scope, filter }), ...ofQuery.filter((each) => each !== undefined)],
    parts: items.flatMap(partOf),
    isComplete: isPlain && ofQuery.every((each) => each !== undefined),
  };
}

/** What the words say of that which is asked of the row of a job (`splitCondition`). */
export function expressionsOfJob({ scope, filter: { q, ...filter } }: JobSet): WordExpression[] {
  const ofJob = demandsOf(q).filter((item) => !asksWordsAlone(item));
  return [
    ...expressionsAround({ scope, filter }),
    ...ofJob.map(expressionOf).filter((each) => each !== undefined),
  ];
}

/** Of a list besides its query. */
function expressionsAround({ scope, filter }: JobSet): WordExpression[] {
  const ofScope = expressionOfScope(scope);
  return [...(ofScope === undefined ? [] : [ofScope]), ...expressionsOfFilter(filter)];
}

/** What a query asks, each of which must hold. */
export function demandsOf(query: Query | undefined): readonly QueryNode[] {
  const root = query?.root;
  if (root === undefined) return [];
  return root.kind === 'and' ? root.items : [root];
}

/** Trigrams know parts of three characters and more; alternatives are left to the jobs themselves. */
function partOf(node: QueryNode): Part[] {
  const [text, second] = node.kind === 'part' ? node.texts : [];
  const isLong = text !== undefined && [...text].length >= 3;
  return node.kind === 'part' && isLong && second === undefined ? [{ field: node.field, text }] : [];
}

const rows = expressionBuilder<Database, 'jobs'>();

/** Everything that is asked of a job, as SQL on its row. */
export function conditionOf({ scope, filter }: JobSet): Condition {
  return sql`${visibleJobs(scope)(rows)} AND ${filteredJobs(filter)(rows)}`;
}

/** The same in two: what the words of a job are asked, and the rest. Most lists need to look at one of them only. */
export interface SplitCondition {
  /** On a row of `job_words`. */
  readonly ofWords: Condition | undefined;
  /** On a row of `jobs`. */
  readonly ofJob: Condition | undefined;
}

/** `isAnswered`: what the index has answered already, and exactly. */
export function splitCondition(
  { scope, filter: { q, ...filter } }: JobSet,
  isAnswered: (node: QueryNode) => boolean = () => false,
): SplitCondition {
  const items = demandsOf(q).filter((item) => !isAnswered(item));
  const { words = [], others = [] } = Object.groupBy(items, (item) =>
    asksWordsAlone(item) ? 'words' : 'others',
  );
  const [first, second] = others;
  const root: QueryNode | undefined = second === undefined ? first : { kind: 'and', items: others };
  const isPlain = scope.all && Object.values(filter).every((value) => value === undefined);
  return {
    ofWords:
      words.length === 0
        ? undefined
        : sql.join(
            words.map((item) => holds(item, q?.context)),
            sql` AND `,
          ),
    ofJob:
      isPlain && root === undefined
        ? undefined
        : conditionOf({ scope, filter: { ...filter, ...(root && { q: new Query(root, q?.context) }) } }),
  };
}
