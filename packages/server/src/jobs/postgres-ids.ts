import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { postgresProfile } from '../storage/engine-profile.ts';
import type { Database } from '../storage/index.ts';
import {
  conditionOf,
  type IndexQuestion,
  indexQuestion,
  type JobSet,
  splitCondition,
} from './index-question.ts';
import { isOfSomeDays, narrowJobs } from './narrow-jobs.ts';
import { edgeOf, orderedIds, orderOf, type Place } from './ordered-ids.ts';
import type { SortKey } from './sort-keys.ts';
import { all, indexText, type WordExpression } from './word-expression.ts';

type Condition = RawBuilder<SqlBool>;

/**
 * Finds the jobs of a list on PostgreSQL. A GIN index finds all jobs of some words, in no order, and each of them is then read
 * from the table: quick for what is rare. What is common is met sooner by looking at the newest jobs, a microsecond
 * each. How common something is, the planner knows from its statistics.
 */

/** Jobs that are looked at first: some milliseconds. */
const WINDOW = 2_000;
/** Most jobs that are looked at before the index is asked. */
const WIDE_WINDOW = 40_000;
/** More jobs are looked at than it should take, because words are not spread evenly. */
const MARGIN = 1.5;
/** So many jobs are sorted rather than looked for in the order that is asked for. */
const SORTED = 20_000;
/** So many are counted by the index. */
const COUNTED = 100_000;

/** What it takes, microseconds: to look at the words of a job, to read one that the index has found, to gather it. */
const LOOK = 1.2;
const READ = 8;
const GATHER = 0.4;

export class PostgresIds {
  readonly #db: Kysely<Database>;
  readonly #set: JobSet;
  readonly #condition: Condition;
  readonly #question: IndexQuestion;

  constructor(db: Kysely<Database>, set: JobSet) {
    this.#db = db;
    this.#set = set;
    this.#condition = conditionOf(set);
    this.#question = indexQuestion(set);
  }

  /** The first ids of a page, in order. */
  async page(key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const narrow = await narrowJobs(this.#db, postgresProfile, this.#set);
    if (narrow !== undefined) return this.#ordered(key, after, limit, narrow);
    if (!this.#isIndexed())
      return this.#ordered(isOfSomeDays(this.#set) ? unhelped(key) : key, after, limit, this.#condition);
    if (key.column === 'id') return this.#byId(key, after, limit);
    const { found, share } = await this.#estimate();
    const first = found > SORTED ? await this.#among(widthFor(limit, share), key, after, limit) : [];
    return first.length >= limit ? first : this.#gathered(key, after, limit);
  }

  /** How many jobs there are, at most `limit`. */
  async count(limit: number): Promise<number> {
    const narrow = await narrowJobs(this.#db, postgresProfile, this.#set);
    if (narrow === undefined && this.#isIndexed() && (await this.#estimate()).found <= COUNTED) {
      const { ofJob } = splitCondition(this.#set);
      const hits = await this.#hits(sql`LIMIT ${ofJob === undefined ? limit : null}`);
      return ofJob === undefined ? hits.length : this.#count(sql`${among(hits)} AND ${ofJob}`, limit);
    }
    return this.#count(narrow ?? this.#condition, limit);
  }

  async #count(condition: Condition, limit: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (
      SELECT jobs.id FROM jobs WHERE ${condition} LIMIT ${limit}) AS found`.execute(this.#db);
    return Number(rows[0]?.count ?? 0);
  }

  #isIndexed(): boolean {
    const { expressions, parts } = this.#question;
    return expressions.length > 0 || parts.length > 0;
  }

  async #byId(key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const first = await this.#look(key, after, WINDOW, limit);
    if (first.found.length >= limit || first.end === undefined) return first.found;
    const found = [...first.found];
    let place: Place = [first.end, first.end];
    const { share, cost } = await this.#estimate();
    const width = widthFor(limit - found.length, share);
    if (width * LOOK < cost) {
      const next = await this.#look(key, place, width, limit - found.length);
      found.push(...next.found);
      if (found.length >= limit || next.end === undefined) return found;
      place = [next.end, next.end];
    }
    return [...found, ...(await this.#gathered(key, place, limit - found.length))];
  }

  /**
   * Looks at the words of so many jobs, and at the jobs that have them. Answers where it has ended, too; undefined if there
   * are no more jobs.
   */
  async #look(
    { direction }: SortKey,
    after: Place | undefined,
    width: number,
    limit: number,
  ): Promise<{ found: number[]; end: number | undefined }> {
    const [way, than, notBeyond] =
      direction === 'asc' ? [sql`ASC`, sql`>`, sql`<=`] : [sql`DESC`, sql`<`, sql`>=`];
    const edge = after === undefined ? sql`1 = 1` : sql`job_id ${than} ${after[1]}`;
    const { rows } = await sql<{ id: number | null }>`
      SELECT job_id AS id FROM job_words WHERE ${edge} ORDER BY job_id ${way} OFFSET ${width - 1} LIMIT 1`.execute(
      this.#db,
    );
    const end = rows[0]?.id ?? undefined;
    const until = end === undefined ? sql`1 = 1` : sql`job_words.job_id ${notBeyond} ${end}`;
    const found = await this.#ids(sql`SELECT job_words.job_id AS id FROM ${this.#looked()} AND ${until}
      AND ${after === undefined ? sql`1 = 1` : sql`job_words.job_id ${than} ${after[1]}`}
      ORDER BY job_words.job_id ${way} LIMIT ${limit}`);
    return { found, end };
  }

  /** The words of jobs, with the jobs where they are asked something, too. */
  #looked(): RawBuilder<unknown> {
    const { ofWords, ofJob } = splitCondition(this.#set);
    const known = this.#question.expressions.map(spelledOut);
    const conditions = [...known, ofWords, ofJob].filter((each) => each !== undefined);
    const jobs = ofJob === undefined ? sql`` : sql`JOIN jobs ON jobs.id = job_words.job_id`;
    return sql`job_words ${jobs} WHERE ${sql.join(conditions, sql` AND `)}`;
  }

  /** By the index: what its words are asked, then the jobs themselves where they are asked more. */
  async #gathered(key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const { ofJob } = splitCondition(this.#set);
    const [way, than] = key.direction === 'asc' ? [sql`ASC`, sql`>`] : [sql`DESC`, sql`<`];
    const isById = key.column === 'id';
    const edge = isById && after !== undefined ? sql`AND job_words.job_id ${than} ${after[1]}` : sql``;
    const isDone = isById && ofJob === undefined;
    const hits = await this.#hits(isDone ? sql`${edge} ORDER BY id ${way} LIMIT ${limit}` : edge);
    if (isDone) return hits;
    return this.#ids(sql`SELECT jobs.id FROM jobs WHERE ${among(hits)} AND ${edgeOf(key, after)} AND ${ofJob ?? sql`1 = 1`}
      ORDER BY ${orderOf(key)} LIMIT ${limit}`);
  }

  /**
   * What the words are asked, by the index and no other way. The planner thinks little of what it costs to make words into a
   * vector, so that it would rather do this for all jobs than ask the index for many of them: half a minute instead
   * of half a second. With little memory the index forgets which jobs of a page it has found, and the same happens.
   */
  async #hits(rest: RawBuilder<unknown>): Promise<number[]> {
    const { ofWords } = splitCondition(this.#set);
    return this.#db.transaction().execute(async (db) => {
      await sql`SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
        set_config('work_mem', '64MB', true)`.execute(db);
      const { rows } = await sql<{ id: number }>`SELECT job_words.job_id AS id FROM job_words
        WHERE ${this.#match()} AND ${ofWords ?? sql`1 = 1`} ${rest}`.execute(db);
      return rows.map(({ id }) => id);
    });
  }

  /**
   * What the planner thinks of the index: how many jobs it would find, which share of all, and what it would cost, in
   * microseconds. Of a beginning the index gathers all jobs before it can hold them against the rest.
   */
  async #estimate(): Promise<{ found: number; share: number; cost: number }> {
    const { expressions } = this.#question;
    const open = expressions.filter(isOpen).map(hasWords);
    const asked = [sql`1 = 1`, this.#match(), ...open].map(
      (condition) => sql`SELECT 1 FROM job_words WHERE ${condition}`,
    );
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      EXPLAIN (FORMAT JSON) ${sql.join(asked, sql` UNION ALL `)}`.execute(this.#db);
    const [plan] = JSON.parse(rows[0]?.['QUERY PLAN'] ?? '[]') as [{ Plan: Planned }?];
    const [all = 1, found = 0, ...gathered] = plan?.Plan.Plans?.map((each) => each['Plan Rows']) ?? [];
    const cost = found * READ + gathered.reduce((sum, each) => sum + each, 0) * GATHER;
    return { found, share: found / Math.max(all, 1), cost };
  }

  /** What the indexes are asked. */
  #match(): Condition {
    const { expressions, parts } = this.#question;
    const words = all(expressions);
    return sql.join([...(words === undefined ? [] : [hasWords(words)]), ...parts.map(hasPart)], sql` AND `);
  }

  /** Those of the page that are found among the first jobs in its order. */
  async #among(width: number, key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const first = orderedIds(key, sql`1 = 1`, { after, limit: width, profile: postgresProfile });
    return this.#ids(sql`SELECT jobs.id FROM (${first}) AS first JOIN jobs ON jobs.id = first.id
      WHERE ${this.#condition} ORDER BY ${orderOf(key)} LIMIT ${limit}`);
  }

  async #ordered(
    key: SortKey,
    after: Place | undefined,
    limit: number,
    condition: Condition,
  ): Promise<number[]> {
    return this.#ids(orderedIds(key, condition, { after, limit, profile: postgresProfile }));
  }

  async #ids(some: RawBuilder<unknown>): Promise<number[]> {
    const { rows } = await sql<{ id: number }>`${some}`.execute(this.#db);
    return rows.map(({ id }) => id);
  }
}

interface Planned {
  readonly 'Plan Rows': number;
  readonly Plans?: readonly Planned[];
}

/** The planner would walk through all younger jobs to spare the sorting of a month, so that their order must be no index. */
function unhelped(key: SortKey): SortKey {
  return key.column === 'id' ? { ...key, value: sql`(jobs.id + 0)` } : key;
}

/** Jobs that must be looked at until so many are found. */
function widthFor(limit: number, share: number): number {
  return Math.min(WIDE_WINDOW, Math.ceil((limit / Math.max(share, 1e-9)) * MARGIN));
}

function among(ids: readonly number[]): Condition {
  return sql`jobs.id = ANY (${`{${ids.join(',')}}`}::bigint[])`;
}

function isOpen(expression: WordExpression): boolean {
  return expression.kind === 'word' ? expression.open : expression.items.some(isOpen);
}

function hasWords(words: WordExpression): Condition {
  return sql`array_to_tsvector(array_remove(string_to_array(job_words.words, E'\n'), '')) @@ ${indexText(words, postgresProfile)}::tsquery`;
}

/** Trigrams find it where their extension is at hand. */
function hasPart({ field, text }: { field: 'name' | 'path'; text: string }): Condition {
  return sql`${sql.ref(`job_words.${field}`)} LIKE ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`;
}

/** An expression as SQL on a row of `job_words`. */
function spelledOut(expression: WordExpression): Condition {
  if (expression.kind === 'word') {
    const text = `\n${expression.word}${expression.open ? '' : '\n'}`;
    return sql`(instr(job_words.words, ${text}) > 0)`;
  }
  return sql`(${sql.join(expression.items.map(spelledOut), expression.kind === 'all' ? sql` AND ` : sql` OR `)})`;
}
