import type { QueryNode } from '@daybook/core';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { postgresProfile } from '../storage/engine-profile.ts';
import type { Database } from '../storage/index.ts';
import {
  cheapestGathering,
  type Gathering,
  type KnownDemands,
  knownDemands,
  shareOf,
  tableOf,
} from './gathering.ts';
import {
  conditionOf,
  expressionsOfJob,
  type IndexQuestion,
  indexQuestion,
  type JobSet,
  splitCondition,
} from './index-question.ts';
import { isOfSomeDays, narrowJobs } from './narrow-jobs.ts';
import { edgeOf, orderedIds, orderOf, type Place } from './ordered-ids.ts';
import type { SortKey } from './sort-keys.ts';
import { expressionOf, type WordExpression } from './word-expression.ts';
import { type Ranges, wordRanges } from './word-ranges.ts';

type Condition = RawBuilder<SqlBool>;

/**
 * Finds the jobs of a list on PostgreSQL. A GIN index finds all jobs of some words, in no order: quick for what is rare, some
 * tens of milliseconds for what is common. That is met sooner by looking at the newest jobs, a microsecond each, or among the
 * first ranges of the index of words. How common something is, the planner knows from its statistics.
 */

/** Jobs that are looked at first: some milliseconds. */
const WINDOW = 2_000;
/** Most jobs that are looked at in one go. */
const WIDE_WINDOW = 10_000;
/** More jobs are looked at than it should take, because words are not spread evenly. */
const MARGIN = 1.5;
/** So many that were found tell how many more there are. */
const TELLING = 5;
/** So many jobs are sorted rather than looked for in the order that is asked for. */
const SORTED = 20_000;
/** The same, of which so many are looked at to find them. */
const LOOKED_FOR = 40_000;
/** So many are counted by the index. */
const COUNTED = 200_000;

/** Microseconds that it takes to look at the words of a job. */
const LOOK = 2;

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
    const known = await this.#known();
    const share = shareOf(known);
    const isMuch = share * known.all > SORTED;
    const first = isMuch ? await this.#among(widthFor(limit, share), key, after, limit) : [];
    return first.length >= limit ? first : this.#gathered(cheapestGathering(known), key, after, limit);
  }

  /** How many jobs there are, at most `limit`. */
  async count(limit: number): Promise<number> {
    const narrow = await narrowJobs(this.#db, postgresProfile, this.#set);
    const known = narrow === undefined && this.#isIndexed() ? await this.#known() : undefined;
    if (known === undefined || shareOf(known) * known.all > COUNTED)
      return this.#count(narrow ?? this.#condition, limit);
    const gathering = cheapestGathering(known);
    const goes = (await this.#ranges(gathering, 'desc', undefined)).map(
      (ranges) => sql`(SELECT 1 FROM ${this.#found(gathering, ranges, {})} LIMIT ${limit})`,
    );
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) AS count FROM (${inTurn(goes, limit)}) AS counted`.execute(this.#db);
    return Number(rows[0]?.count ?? 0);
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

  /**
   * Looks at the first jobs, then at as many more as it should take, by what was found among them. As soon as the index would
   * be quicker than that, it is asked.
   */
  async #byId(key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const found: number[] = [];
    let [place, width, looked] = [after, WINDOW, 0];
    let known: KnownDemands | undefined;
    for (;;) {
      const { found: more, end } = await this.#look(key, place, width, limit - found.length);
      found.push(...more);
      if (found.length >= limit || end === undefined) return found;
      place = [end, end];
      looked += width;
      known ??= await this.#known();
      // The planner knows little of parts, and nothing of words that go together: a handful of jobs says more.
      const seen = found.length < TELLING ? 0 : found.length / looked;
      const density = seen || (found.length + 1) / (looked + 1 / shareOf(known));
      const left = Math.min((limit - found.length) / density, known.all);
      const gathering = cheapestGathering(known, { seen, left });
      if (left * LOOK > gathering.cost)
        return [...found, ...(await this.#gathered(gathering, key, place, limit - found.length))];
      width = Math.min(WIDE_WINDOW, Math.ceil(left * MARGIN));
    }
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

  /** The words of jobs, with the jobs where they are asked something, too: of those whose words allow it. */
  #looked(): RawBuilder<unknown> {
    const { ofWords, ofJob } = splitCondition(this.#set);
    const allowed = ofJob === undefined ? [] : expressionsOfJob(this.#set).map(spelledOut);
    const conditions = [...allowed, ofWords, ofJob].filter((each) => each !== undefined);
    const jobs = ofJob === undefined ? sql`` : sql`JOIN jobs ON jobs.id = job_words.job_id`;
    return sql`job_words ${jobs} WHERE ${sql.join(conditions, sql` AND `)}`;
  }

  /** By an index, and by the jobs themselves where they are asked more. */
  async #gathered(
    gathering: Gathering,
    key: SortKey,
    after: Place | undefined,
    limit: number,
  ): Promise<number[]> {
    const { direction } = key;
    if (key.column !== 'id') {
      const ranges = (await this.#ranges(gathering, direction, undefined)).flat();
      const found = this.#found(gathering, ranges, { ofJob: edgeOf(key, after) });
      return this.#ids(sql`SELECT jobs.id FROM ${found} ORDER BY ${orderOf(key)} LIMIT ${limit}`);
    }
    const [way, than] = direction === 'asc' ? [sql`ASC`, sql`>`] : [sql`DESC`, sql`<`];
    const edge = after === undefined ? undefined : sql<SqlBool>`job_id + 0 ${than} ${after[1]}`;
    // In order already, so that no more of them are looked up than it takes.
    const more = { edge, order: sql`ORDER BY place ${way}` };
    const goes = (await this.#ranges(gathering, direction, after?.[1])).map((ranges) => {
      const found = this.#found(gathering, ranges, more);
      return sql`(SELECT hits.job_id AS id FROM ${found} ORDER BY hits.place ${way} LIMIT ${limit})`;
    });
    return goes.length === 0 ? [] : this.#ids(inTurn(goes, limit));
  }

  /** Those that an index is asked for one after the other; that of parts has none. */
  async #ranges(
    { of }: Gathering,
    direction: SortKey['direction'],
    after: number | undefined,
  ): Promise<Ranges[]> {
    return of === 'parts' ? [[]] : wordRanges(this.#db, direction, after);
  }

  /**
   * What an index finds, as tables of a query. What it does not answer is looked up job by job, because the planner knows too
   * little of how many there are. The `place` of a hit is its `job_id`, but no index knows: walking through all jobs in their
   * order is no way to find some. `edge` is of it, too.
   */
  #found(
    { of, match, isWhole }: Gathering,
    ranges: Ranges,
    more: { edge?: Condition | undefined; order?: RawBuilder<unknown>; ofJob?: Condition },
  ): RawBuilder<unknown> {
    const isAnswered = (node: QueryNode) => of === 'words' && isWhole && expressionOf(node)?.exact === true;
    const { ofWords, ofJob } = splitCondition(this.#set, isAnswered);
    // Where it is looked for parts, the words are at hand.
    const [ofHit, ofRow] = of === 'parts' ? [ofWords, undefined] : [undefined, ofWords];
    const ofHits = [match(ranges), ofHit, more.edge].filter((each) => each !== undefined);
    const hits = sql`(SELECT job_id, job_id + 0 AS place FROM ${tableOf(of)}
      WHERE ${sql.join(ofHits, sql` AND `)} ${more.order ?? sql``} OFFSET 0) AS hits`;
    const ofJobs = [more.ofJob, ofJob].filter((each) => each !== undefined);
    return sql.join(
      [
        hits,
        ...(ofRow === undefined ? [] : [lookedUp('job_words', 'job_id', [ofRow])]),
        ...(ofJobs.length === 0 ? [] : [lookedUp('jobs', 'id', ofJobs)]),
      ],
      sql` CROSS JOIN `,
    );
  }

  #known(): Promise<KnownDemands> {
    return knownDemands(this.#db, this.#question);
  }

  /** Those of the page that are found among the first jobs in its order. */
  async #among(width: number, key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const first = orderedIds(key, undefined, { after, limit: width, profile: postgresProfile });
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

/** One question after the other, until there are enough answers: PostgreSQL begins each when it is needed. */
function inTurn(goes: readonly RawBuilder<unknown>[], limit: number): RawBuilder<unknown> {
  return sql`SELECT * FROM (${sql.join(goes, sql` UNION ALL `)}) AS found LIMIT ${limit}`;
}

/** The planner would walk through all younger jobs to spare the sorting of a month, so that their order must be no index. */
function unhelped(key: SortKey): SortKey {
  return key.column === 'id' ? { ...key, value: sql`(jobs.id + 0)` } : key;
}

/** Jobs that must be looked at until so many are found. */
function widthFor(limit: number, share: number): number {
  return Math.min(LOOKED_FOR, Math.ceil((limit / Math.max(share, 1e-9)) * MARGIN));
}

/** A row of each hit, if it fulfils the conditions. */
function lookedUp(table: 'jobs' | 'job_words', key: string, conditions: readonly Condition[]) {
  const isOfHit = sql<SqlBool>`${sql.ref(`${table}.${key}`)} = hits.job_id`;
  return sql`LATERAL (SELECT * FROM ${sql.table(table)}
    WHERE ${sql.join([isOfHit, ...conditions], sql` AND `)} OFFSET 0) AS ${sql.table(table)}`;
}

/** An expression as SQL on a row of `job_words`. */
function spelledOut(expression: WordExpression): Condition {
  if (expression.kind === 'word') {
    const text = `\n${expression.word}${expression.open ? '' : '\n'}`;
    return sql`(instr(job_words.words, ${text}) > 0)`;
  }
  return sql`(${sql.join(expression.items.map(spelledOut), expression.kind === 'all' ? sql` AND ` : sql` OR `)})`;
}
