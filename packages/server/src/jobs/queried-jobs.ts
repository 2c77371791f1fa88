import {
  activeStatuses,
  endedStatuses,
  leavesOf,
  momentOf,
  type Query,
  type QueryContext,
  type QueryLeaf,
  type QueryNode,
  statusesBeginning,
  statusesSaid,
  type TermValue,
  termWord,
} from '@daybook/core';
import { type RawBuilder, type SqlBool, sql } from 'kysely';

type Condition = RawBuilder<SqlBool>;

/**
 * A query as SQL on a row of `jobs`: `matchesQuery` of core in another form, and a test compares the two on both engines. It
 * is true or false for every job and never null, so that `-` turns it round. No index helps it; see find-ids.ts.
 *
 * @throws Error if the query depends on who asks, and nobody does (`Query.by`)
 */
export function queriedJobs({ root, context }: Query): Condition {
  const condition = holds(root, context);
  const asksWords = [...leavesOf(root)].some(({ kind }) => wordKinds.has(kind));
  return asksWords
    ? sql`EXISTS (SELECT 1 FROM job_words WHERE job_words.job_id = jobs.id AND ${condition})`
    : condition;
}

/** True if a row of `job_words` knows all that is asked: words, parts and phrases, and nothing of the status. */
export function asksWordsAlone(node: QueryNode): boolean {
  return [...leavesOf(node)].every(isOfWords);
}

function isOfWords(leaf: QueryLeaf): boolean {
  switch (leaf.kind) {
    case 'word':
      return statusesBeginning(leaf.word).length === 0;
    case 'phrase':
      return !leaf.single || leaf.words.flatMap(statusesSaid).length === 0;
    default:
      return wordKinds.has(leaf.kind);
  }
}

/** Leaves that are held against the row of `job_words`. */
const wordKinds: ReadonlySet<QueryLeaf['kind']> = new Set(['word', 'phrase', 'term', 'part']);

/** A query as SQL on a row of `jobs` and that of its words. */
export function holds(node: QueryNode, context: QueryContext | undefined): Condition {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const items = node.items.map((item) => holds(item, context));
      return sql`(${sql.join(items, node.kind === 'and' ? sql` AND ` : sql` OR `)})`;
    }
    case 'not':
      return sql`(NOT ${holds(node.item, context)})`;
    default:
      return leaf(node, context);
  }
}

function leaf(node: QueryLeaf, context: QueryContext | undefined): Condition {
  switch (node.kind) {
    case 'word':
      return orStatus(hasText('words', `\n${node.word}`), statusesBeginning(node.word));
    case 'phrase':
      return node.single
        ? orStatus(
            anyOf(node.words.map((word) => hasText('words', `\n${word}\n`))),
            node.words.flatMap(statusesSaid),
          )
        : hasText('prose', ` ${node.words.join(' ')} `);
    case 'status':
      return among('status', node.values);
    case 'analysis':
      return among('analysis_status', node.values);
    case 'assessment': {
      const said = node.values.filter((value) => value !== null);
      const none = node.values.includes(null) ? [sql<SqlBool>`jobs.assessment IS NULL`] : [];
      return anyOf([...(said.length > 0 ? [nullable('assessment', said)] : []), ...none]);
    }
    case 'term':
      return anyOf(
        node.values.map(({ text, open }) =>
          hasText('words', `\n${termWord(node.field, text)}${open ? '' : '\n'}`),
        ),
      );
    case 'step':
      return nullable('step', node.values);
    case 'part':
      return anyOf(node.texts.map((text) => hasText(node.field, text)));
    case 'moment':
      return moment(node, asked(context));
    case 'amount':
      return amount(node, context);
    case 'ids':
      return node.field === 'id'
        ? sql`(jobs.id IN (${sql.join(node.ids)}))`
        : sql`(coalesce(jobs.parent_id, 0) IN (${sql.join(node.ids)}))`;
    case 'base':
      return anyOf(node.values.map(hasBase));
    case 'flag':
      return flag(node.flag, context);
  }
}

/** `instr` is SQLite's; on PostgreSQL it is a function of ours (migration 10). */
function hasText(column: 'words' | 'prose' | 'name' | 'path', text: string): Condition {
  return sql`(instr(${sql.ref(`job_words.${column}`)}, ${text}) > 0)`;
}

function orStatus(condition: Condition, statuses: readonly string[]): Condition {
  return statuses.length === 0 ? condition : anyOf([condition, among('status', statuses)]);
}

function anyOf(conditions: readonly Condition[]): Condition {
  return sql`(${sql.join([...conditions], sql` OR `)})`;
}

/** A column that is never null. */
function among(column: 'status' | 'analysis_status', values: readonly string[]): Condition {
  return sql`(${sql.ref(`jobs.${column}`)} IN (${sql.join([...values])}))`;
}

/** A column that may be null, which is none of the values. */
function nullable(column: 'assessment' | 'step' | 'user_name', values: readonly string[]): Condition {
  return sql`(coalesce(${sql.ref(`jobs.${column}`)}, '') IN (${sql.join([...values])}))`;
}

function moment({ field, moment }: Extract<QueryLeaf, { kind: 'moment' }>, context: QueryContext): Condition {
  const at = momentOf(moment, context) ?? 0;
  switch (field) {
    case 'after':
      return sql`(jobs.submitted_at >= ${at})`;
    case 'before':
      return sql`(jobs.submitted_at < ${at})`;
    case 'ended-after':
      return sql`(jobs.ended_at IS NOT NULL AND jobs.ended_at >= ${at})`;
    case 'ended-before':
      return sql`(jobs.ended_at IS NOT NULL AND jobs.ended_at < ${at})`;
  }
}

function amount(
  { field, range: { min, max, minExcluded, maxExcluded } }: Extract<QueryLeaf, { kind: 'amount' }>,
  context: QueryContext | undefined,
): Condition {
  const value =
    field === 'progress'
      ? sql`jobs.progress`
      : sql`(coalesce(jobs.ended_at, ${asked(context).now}) - jobs.started_at)`;
  const bounds: Condition[] = field === 'progress' ? [] : [sql`jobs.started_at IS NOT NULL`];
  if (min !== undefined) bounds.push(sql`${value} ${sql.raw(minExcluded ? '>' : '>=')} ${min}`);
  if (max !== undefined) bounds.push(sql`${value} ${sql.raw(maxExcluded ? '<' : '<=')} ${max}`);
  return sql`(${sql.join(bounds, sql` AND `)})`;
}

function hasBase(value: TermValue): Condition {
  return sql`(jobs.id IN (SELECT base_runs.job_id FROM base_runs WHERE ${isBase(value)}))`;
}

function isBase({ text, open }: TermValue): Condition {
  if (text.startsWith('#')) return sql`base_runs.base_id = ${Number(text.slice(1))}`;
  if (!open) return sql`base_runs.external_id = ${text}`;
  // A base run may have no external id.
  return text === '' ? sql`1 = 1` : sql`instr(base_runs.external_id, ${text}) = 1`;
}

function flag(
  name: Extract<QueryLeaf, { kind: 'flag' }>['flag'],
  context: QueryContext | undefined,
): Condition {
  switch (name) {
    case 'mine':
      return nullable('user_name', [asked(context).me]);
    case 'scheduled':
      return sql`(jobs.status = 'queued' AND coalesce(jobs.run_after, 0) > ${asked(context).now})`;
    case 'stalled':
      return sql`(jobs.stalled = 1)`;
    case 'active':
      return among('status', activeStatuses);
    case 'ended':
      return among('status', endedStatuses);
  }
}

function asked(context: QueryContext | undefined): QueryContext {
  if (context === undefined) throw new Error('a query that depends on who asks was not told who does');
  return context;
}
