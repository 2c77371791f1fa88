import type { JobFilter, JobSort, QueryNode, Scope } from '@daybook/core';
import { expressionBuilder, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database, EngineProfile, Store } from '../storage/index.ts';
import { filteredJobs } from './filtered-jobs.ts';
import { type SortKey, sortKeys } from './sort-keys.ts';
import { visibleJobs } from './visible-jobs.ts';
import {
  all,
  expressionOf,
  expressionOfScope,
  expressionsOfFilter,
  indexText,
  type WordExpression,
} from './word-expression.ts';

/**
 * Finds the first jobs of a list in its order, however many there are. No single way is quick for all questions:
 *
 * - what is common is found among the newest few thousand jobs, without any index;
 * - what is rare is found by the index of words, which would take long to put what is common into order.
 *
 * So the newest jobs are looked at first. If they do not fill the page, it is known what of the question is rare among
 * them, and the index is asked for that alone; everything else is asked of the jobs that it finds.
 */

/** Jobs that are looked at without an index: some milliseconds. */
const WINDOW = 2_000;
/** The same where nothing that is asked for is rare, but all of it together is. */
const WIDE_WINDOW = 20_000;
/** Of the jobs that were looked at: beyond this the index takes longer than looking at the jobs themselves. */
const RARE = 0.03;
/** Where the rarest word is in more of the jobs than this, others in up to `OFTEN` of them are worth gathering. */
const SELDOM = 0.003;
const OFTEN = 0.2;
/** Counting by the index is worth it up to here: it need not put anything into order. */
const COMMON = 0.5;

export interface IdSearch {
  readonly scope: Scope;
  readonly filter: JobFilter;
  readonly sort: JobSort;
  readonly limit: number;
  /** The values of the row after which the page begins: the sort's, and its id. */
  readonly after?: readonly [value: string | number, id: number] | undefined;
}

type Reads = Pick<Store, 'profile'> & { readonly db: Kysely<Database> };
type Condition = RawBuilder<SqlBool>;

/** The ids of the page, in order. */
export async function findIds({ db, profile }: Reads, search: IdSearch): Promise<number[]> {
  const key = sortKeys[search.sort];
  const ways = new Ways(db, profile, search);
  return key.column === 'id' ? byId(ways, search, key) : sorted(ways, search, key);
}

/** What bounds the page, given the column of ids: that of `jobs`, or of the index, which begins there then. */
type Edge = (id: RawBuilder<unknown>) => Condition;

async function byId(ways: Ways, { limit, after }: IdSearch, key: SortKey): Promise<number[]> {
  const ends = await ways.ends();
  const down = key.direction === 'desc';
  let edge = after?.[1] ?? (down ? ends.greatest + 1 : ends.least - 1);
  const found: number[] = [];
  const isEnough = () => found.length >= limit || (down ? edge <= ends.least : edge >= ends.greatest);
  const beyond =
    (from: number): Edge =>
    (id) =>
      down ? sql`${id} < ${from}` : sql`${id} > ${from}`;
  const look = async (width: number) => {
    const [from, to] = [edge, down ? edge - width : edge + width];
    const window: Edge = (id) =>
      down ? sql`${id} < ${from} AND ${id} >= ${to}` : sql`${id} > ${from} AND ${id} <= ${to}`;
    found.push(...(await ways.direct(window, key, limit - found.length)));
    edge = to;
  };
  await look(WINDOW);
  if (isEnough()) return found;
  const plan = await ways.plan(RARE);
  if (plan?.isCommon) await look(WIDE_WINDOW);
  if (isEnough()) return found;
  const rest = limit - found.length;
  const last = beyond(edge);
  found.push(
    ...(await (plan === undefined ? ways.direct(last, key, rest) : ways.indexed(plan, last, key, rest))),
  );
  return found;
}

async function sorted(ways: Ways, { limit, after }: IdSearch, key: SortKey): Promise<number[]> {
  const than = sql.raw(key.direction === 'asc' ? '>' : '<');
  const edges: Condition[] = key.excludes === undefined ? [] : [key.excludes];
  if (after !== undefined) edges.push(sql`(${key.value}, jobs.id) ${than} (${after[0]}, ${after[1]})`);
  const edge: Edge = () => (edges.length === 0 ? sql`1 = 1` : sql`${sql.join(edges, sql` AND `)}`);
  const plan = await ways.plan(RARE);
  return plan === undefined || plan.isCommon
    ? ways.direct(edge, key, limit)
    : ways.indexed(plan, edge, key, limit);
}

/** How many jobs there are, at most `most + 1`. */
export async function countIds(
  { db, profile }: Reads,
  search: Pick<IdSearch, 'scope' | 'filter'>,
  most: number,
): Promise<number> {
  const ways = new Ways(db, profile, search);
  const plan = await ways.plan(COMMON);
  return plan === undefined || plan.isCommon ? ways.countDirect(most + 1) : ways.countIndexed(plan, most + 1);
}

/** What the index is asked for. */
interface Plan {
  readonly words: WordExpression | undefined;
  /** Parts of names or paths, instead of words. */
  readonly parts: readonly string[];
  /** Nothing that is asked for is rare: the index finds too much of each. */
  readonly isCommon: boolean;
  /** The index answers all of the question. */
  readonly isExact: boolean;
}

/** One question, and the ways to its answer. */
class Ways {
  readonly #db: Kysely<Database>;
  readonly #profile: EngineProfile;
  readonly #condition: Condition;
  readonly #search: Pick<IdSearch, 'scope' | 'filter'>;

  constructor(db: Kysely<Database>, profile: EngineProfile, search: Pick<IdSearch, 'scope' | 'filter'>) {
    this.#db = db;
    this.#profile = profile;
    this.#search = search;
    this.#condition = conditionOf(search.scope, search.filter);
  }

  async ends(): Promise<{ least: number; greatest: number }> {
    const { rows } = await sql<{ least: number | null; greatest: number | null }>`
      SELECT (SELECT min(id) FROM jobs) AS least, (SELECT max(id) FROM jobs) AS greatest`.execute(this.#db);
    return { least: rows[0]?.least ?? 0, greatest: rows[0]?.greatest ?? 0 };
  }

  /** Without the index of words. */
  async direct(edge: Edge, { value, direction, column }: SortKey, limit: number): Promise<number[]> {
    const way = sql.raw(direction);
    const order = column === 'id' ? sql`jobs.id ${way}` : sql`${value} ${way}, jobs.id ${way}`;
    const { rows } = await sql<{ id: number }>`
      SELECT jobs.id FROM jobs WHERE ${edge(sql`jobs.id`)} AND ${this.#condition} ORDER BY ${order} LIMIT ${limit}`.execute(
      this.#db,
    );
    return rows.map(({ id }) => id);
  }

  async indexed(
    plan: Plan,
    edge: Edge,
    { value, direction, column }: SortKey,
    limit: number,
  ): Promise<number[]> {
    const way = sql.raw(direction);
    const { rows } =
      this.#profile.name === 'sqlite'
        ? await sql<{ id: number }>`
            SELECT jobs.id FROM ${hitsTable(plan)} AS hits CROSS JOIN jobs ON jobs.id = hits.rowid
            WHERE ${hitsMatch(plan)} AND ${edge(sql`hits.rowid`)} AND ${plan.isExact ? sql`1 = 1` : this.#condition}
            ORDER BY ${column === 'id' ? sql`hits.rowid ${way}` : sql`${value} ${way}, jobs.id ${way}`}
            LIMIT ${limit}`.execute(this.#db)
        : await sql<{ id: number }>`
            WITH hits AS MATERIALIZED (SELECT job_id FROM job_words WHERE ${postgresMatch(plan)})
            SELECT jobs.id FROM hits JOIN jobs ON jobs.id = hits.job_id
            WHERE ${edge(sql`jobs.id`)} AND ${this.#condition}
            ORDER BY ${column === 'id' ? sql`jobs.id ${way}` : sql`${value} ${way}, jobs.id ${way}`}
            LIMIT ${limit}`.execute(this.#db);
    return rows.map(({ id }) => id);
  }

  async countDirect(limit: number): Promise<number> {
    return this.#count(sql`SELECT jobs.id FROM jobs WHERE ${this.#condition} LIMIT ${limit}`);
  }

  async countIndexed(plan: Plan, limit: number): Promise<number> {
    if (this.#profile.name === 'postgres')
      return this.#count(sql`SELECT jobs.id FROM (
          SELECT job_id FROM job_words WHERE ${postgresMatch(plan)}) AS hits JOIN jobs ON jobs.id = hits.job_id
        WHERE ${this.#condition} LIMIT ${limit}`);
    if (plan.isExact)
      return this.#count(
        sql`SELECT rowid FROM ${hitsTable(plan)} AS hits WHERE ${hitsMatch(plan)} LIMIT ${limit}`,
      );
    return this.#count(sql`SELECT jobs.id FROM ${hitsTable(plan)} AS hits CROSS JOIN jobs ON jobs.id = hits.rowid
      WHERE ${hitsMatch(plan)} AND ${this.#condition} LIMIT ${limit}`);
  }

  async #count(some: RawBuilder<unknown>): Promise<number> {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${some}) AS found`.execute(
      this.#db,
    );
    return Number(rows[0]?.count ?? 0);
  }

  /** What the index should be asked for, judged by the newest jobs; undefined where it knows nothing of the question. */
  async plan(rare: number): Promise<Plan | undefined> {
    const { expressions, parts, isComplete } = this.#known();
    if (expressions.length === 0 && parts.length === 0) return undefined;
    const conditions = [
      ...expressions.map(spelledOut),
      ...parts.map(({ field, text }) => sql<SqlBool>`instr(${sql.ref(`job_words.${field}`)}, ${text}) > 0`),
    ];
    const counts = sql.join(
      conditions.map(
        (condition, i) => sql`sum(CASE WHEN ${condition} THEN 1 ELSE 0 END) AS ${sql.ref(`n${i}`)}`,
      ),
    );
    const { rows } = await sql<Record<string, number | null>>`
      SELECT count(*) AS looked, ${counts} FROM job_words
      WHERE job_id > (SELECT max(job_id) FROM job_words) - ${WINDOW}`.execute(this.#db);
    const looked = Number(rows[0]?.['looked'] ?? 0);
    const shareOf = (i: number) => (looked === 0 ? 0 : Number(rows[0]?.[`n${i}`] ?? 0) / looked);
    const rareWords = expressions.filter((_, i) => shareOf(i) <= rare);
    const rarest = Math.min(1, ...expressions.map((_, i) => shareOf(i)));
    const rareParts = parts.filter((_, i) => shareOf(expressions.length + i) < Math.min(rarest, rare));
    if (rareParts.length > 0)
      return { words: undefined, parts: rareParts.map(({ text }) => text), isCommon: false, isExact: false };
    const isCommon = rareWords.length === 0;
    const asked = isCommon
      ? expressions
      : expressions.filter((each, i) => isWorthAsking(each, shareOf(i), rarest, rare));
    const words = all(asked);
    if (words === undefined) return undefined;
    return {
      words,
      parts: [],
      isCommon,
      isExact: isComplete && asked.length === expressions.length && words.exact,
    };
  }

  /** What the index knows of the question, each by itself. */
  #known(): { expressions: WordExpression[]; parts: Part[]; isComplete: boolean } {
    const { q, ...filter } = this.#search.filter;
    const scope = expressionOfScope(this.#search.scope);
    const root = q?.root;
    const items: readonly QueryNode[] = root === undefined ? [] : root.kind === 'and' ? root.items : [root];
    const ofQuery = items.map(expressionOf);
    const isPlain = this.#search.scope.all && Object.values(filter).every((value) => value === undefined);
    return {
      expressions: [
        ...(scope === undefined ? [] : [scope]),
        ...expressionsOfFilter(filter),
        ...ofQuery.filter((each) => each !== undefined),
      ],
      parts: items.flatMap(partOf),
      isComplete: isPlain && ofQuery.every((each) => each !== undefined),
    };
  }
}

interface Part {
  readonly field: 'name' | 'path';
  readonly text: string;
}

/**
 * True if the index should be asked for this, too, beside what is rarest. What it finds is looked up row by row, so the
 * fewer the better; but a beginning that has no list of its own is gathered from the lists of many words first.
 */
function isWorthAsking(expression: WordExpression, share: number, rarest: number, rare: number): boolean {
  if (share <= rare || hasList(expression)) return true;
  return rarest > SELDOM && share <= OFTEN;
}

/** Whole words, and beginnings of two to four letters (migration 10). */
function hasList(expression: WordExpression): boolean {
  if (expression.kind !== 'word') return expression.items.every(hasList);
  const { length } = expression.word;
  return !expression.open || (length >= 2 && length <= 4);
}

/** Trigrams know parts of three characters and more; alternatives are left to the jobs themselves. */
function partOf(node: QueryNode): Part[] {
  const [text, second] = node.kind === 'part' ? node.texts : [];
  const isLong = text !== undefined && [...text].length >= 3;
  return node.kind === 'part' && isLong && second === undefined ? [{ field: node.field, text }] : [];
}

const rows = expressionBuilder<Database, 'jobs'>();

/** Everything that is asked of a job, as SQL on its row. */
export function conditionOf(scope: Scope, filter: JobFilter): Condition {
  return sql`${visibleJobs(scope)(rows)} AND ${filteredJobs(filter)(rows)}`;
}

/** An expression as SQL on a row of `job_words`. */
function spelledOut(expression: WordExpression): Condition {
  if (expression.kind === 'word') {
    const text = `\n${expression.word}${expression.open ? '' : '\n'}`;
    return sql`(instr(job_words.words, ${text}) > 0)`;
  }
  return sql`(${sql.join(expression.items.map(spelledOut), expression.kind === 'all' ? sql` AND ` : sql` OR `)})`;
}

function hitsTable({ words }: Plan): RawBuilder<unknown> {
  return sql.raw(words === undefined ? 'part_index' : 'word_index');
}

/** FTS5 knows its table by its own name alone. */
function hitsMatch({ words, parts }: Plan): Condition {
  if (words !== undefined) return sql`hits.word_index MATCH ${indexText(words, { name: 'sqlite' })}`;
  return sql`hits.part_index MATCH ${parts.flatMap(trigrams).join(' AND ')}`;
}

/** Without positions the index knows only which trigrams there are; the job itself is asked for the rest. */
function trigrams(text: string): string[] {
  const characters = [...text];
  const all = characters.slice(2).map((_, i) => characters.slice(i, i + 3).join(''));
  return [...new Set(all)].map((trigram) => `"${trigram.replaceAll('"', '""')}"`);
}

function postgresMatch({ words, parts }: Plan): Condition {
  if (words !== undefined)
    return sql`array_to_tsvector(array_remove(string_to_array(job_words.words, E'\n'), '')) @@ ${indexText(words, { name: 'postgres' })}::tsquery`;
  const like = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`${sql.join(
    parts.map((text) => sql`(job_words.name LIKE ${like(text)} OR job_words.path LIKE ${like(text)})`),
    sql` AND `,
  )}`;
}
