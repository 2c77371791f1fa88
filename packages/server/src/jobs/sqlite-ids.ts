import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { sqliteProfile } from '../storage/engine-profile.ts';
import type { Database } from '../storage/index.ts';
import {
  conditionOf,
  type IndexQuestion,
  indexQuestion,
  type JobSet,
  splitCondition,
} from './index-question.ts';
import { narrowJobs } from './narrow-jobs.ts';
import { edgeOf, orderedIds, orderOf, type Place } from './ordered-ids.ts';
import type { SortKey } from './sort-keys.ts';
import { all, any, expressionOf, ftsText, type WordExpression, word } from './word-expression.ts';

type Condition = RawBuilder<SqlBool>;

/**
 * Finds the jobs of a list on SQLite. FTS5 walks the jobs of a word in the order of their ids, from either end, and
 * leaps through several such walks to where they meet: the first page of what is common and all of what is rare are both
 * found in milliseconds. Only beginnings without a walk of their own must be gathered from many words first.
 */

/**
 * Words that a beginning may stand for, each with a walk of its own: a tenth of a millisecond each. Beyond this FTS5 gathers
 * their jobs and sorts them.
 */
const WALKS = 256;
/** The same where all of their jobs are needed anyway, or those of long ago: many walks are slower than gathering then. */
const FEW_WALKS = 16;
/** The same for all beginnings of a query together. */
const ALL_WALKS = 512;
/** Jobs that are looked at without any index: some milliseconds. */
const WINDOW = 2_000;
/** The same where something else would take longer still. */
const WIDE_WINDOW = 5_000;
/** So few jobs are looked up one by one rather than narrowed down further. */
const FEW = 2_000;
/** So many jobs are sorted rather than looked for in the order that is asked for. */
const SORTED = 50_000;

export class SqliteIds {
  readonly #db: Kysely<Database>;
  readonly #set: JobSet;
  readonly #condition: Condition;

  constructor(db: Kysely<Database>, set: JobSet) {
    this.#db = db;
    this.#set = set;
    this.#condition = conditionOf(set);
  }

  /** The first ids of a page, in order. */
  async page(key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const narrow = await narrowJobs(this.#db, sqliteProfile, this.#set);
    if (narrow !== undefined) return this.#ordered(key, after, limit, narrow);
    const walk = await this.#walk(key.column === 'id' && after === undefined ? WALKS : FEW_WALKS);
    if (walk === undefined) return this.#ordered(key, after, limit, this.#condition);
    if (walk === 'nothing') return [];
    if (key.column !== 'id') {
      const isMuch = (await this.#countHits(walk, SORTED + 1)) > SORTED;
      const first = isMuch ? await this.#among(WIDE_WINDOW, key, after, limit) : [];
      return first.length >= limit ? first : this.#walked(walk, key, after, limit);
    }
    // Gathering what is common takes longer than to meet it among the first jobs.
    const first = walk.isGathered ? await this.#among(WINDOW, key, after, limit) : [];
    return first.length >= limit ? first : this.#walked(walk, key, after, limit);
  }

  /** How many jobs there are, at most `limit`. */
  async count(limit: number): Promise<number> {
    const narrow = await narrowJobs(this.#db, sqliteProfile, this.#set);
    if (narrow !== undefined)
      return this.#count(sql`SELECT jobs.id FROM jobs WHERE ${narrow} LIMIT ${limit}`);
    const walk = await this.#walk(WALKS);
    if (walk === 'nothing') return 0;
    if (walk === undefined)
      return this.#count(sql`SELECT jobs.id FROM jobs WHERE ${this.#condition} LIMIT ${limit}`);
    if (walk.isExact) return this.#countHits(walk, limit);
    return this.#count(sql`SELECT hits.rowid FROM ${this.#looked(walk)} LIMIT ${limit}`);
  }

  /** What the index is asked for; `nothing` if there is no such word, undefined if the index knows nothing of the list. */
  async #walk(walks: number): Promise<Walk | 'nothing' | undefined> {
    const question = indexQuestion(this.#set);
    const expressions = await this.#spreadOut(question.expressions, walks);
    if (expressions.some(isNothing)) return 'nothing';
    const parts = partsWalk(question);
    if (expressions.length === 0) return parts;
    const walk = await this.#wordsWalk(expressions, question.isComplete);
    if (parts === undefined) return walk;
    const [words, others] = [await this.#countHits(walk, FEW), await this.#countHits(parts, FEW)];
    return others < words ? parts : walk;
  }

  /** Without beginnings that must be gathered, where few jobs are left without them. */
  async #wordsWalk(expressions: readonly WordExpression[], isComplete: boolean): Promise<Walk> {
    const walked = expressions.filter(hasWalk);
    const ready = all(walked);
    if (ready !== undefined && walked.length < expressions.length) {
      const walk = wordsWalk(ready, { isGathered: false, isWhole: false, isExact: false });
      if ((await this.#countHits(walk, FEW + 1)) <= FEW) return walk;
    }
    const whole = all(expressions) as WordExpression;
    return wordsWalk(whole, {
      isGathered: walked.length < expressions.length,
      isWhole: true,
      isExact: isComplete && whole.exact,
    });
  }

  /** Long beginnings as the words that begin so, where they are few. */
  async #spreadOut(expressions: readonly WordExpression[], walks: number): Promise<WordExpression[]> {
    const beginnings = [...new Set(expressions.flatMap(beginningsOf))];
    if (beginnings.length === 0) return [...expressions];
    const most = Math.min(walks, Math.floor(ALL_WALKS / beginnings.length));
    const found = await sql<{ beginning: string; term: string }>`
      ${sql.join(
        beginnings.map((beginning, i) => termsBeginning(beginning, i, most + 1)),
        sql` UNION ALL `,
      )}`.execute(this.#db);
    const terms = Map.groupBy(found.rows, ({ beginning }) => beginning);
    return expressions.map((expression) =>
      spread(expression, (beginning) => {
        const those = terms.get(beginning) ?? [];
        return those.length > most ? undefined : those.map(({ term }) => term);
      }),
    );
  }

  /** Those of the page that are found among the first jobs in its order. */
  async #among(width: number, key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    const first = orderedIds(key, undefined, { after, limit: width, profile: sqliteProfile });
    const among = sql<SqlBool>`jobs.id IN (SELECT id FROM (${first})) AND ${this.#condition}`;
    return this.#ids(sql`SELECT jobs.id FROM jobs WHERE ${among} ORDER BY ${orderOf(key)} LIMIT ${limit}`);
  }

  async #ordered(
    key: SortKey,
    after: Place | undefined,
    limit: number,
    condition: Condition,
  ): Promise<number[]> {
    return this.#ids(orderedIds(key, condition, { after, limit, profile: sqliteProfile }));
  }

  async #walked(walk: Walk, key: SortKey, after: Place | undefined, limit: number): Promise<number[]> {
    if (key.column !== 'id')
      return this.#ids(sql`SELECT jobs.id FROM ${walk.table} AS hits CROSS JOIN jobs ON jobs.id = hits.rowid
        WHERE ${walk.match} AND ${edgeOf(key, after)} AND ${walk.isExact ? sql`1 = 1` : this.#condition}
        ORDER BY ${orderOf(key)} LIMIT ${limit}`);
    const [way, than] = key.direction === 'asc' ? [sql`ASC`, sql`>`] : [sql`DESC`, sql`<`];
    const edge = after === undefined ? sql`` : sql`AND hits.rowid ${than} ${after[1]}`;
    return this.#ids(
      sql`SELECT hits.rowid AS id FROM ${this.#looked(walk)} ${edge} ORDER BY hits.rowid ${way} LIMIT ${limit}`,
    );
  }

  /** What the walk finds and the rest of what is asked, held against as little as it takes. */
  #looked({ table, match, isWhole }: Walk): RawBuilder<unknown> {
    const { ofWords, ofJob } = splitCondition(
      this.#set,
      (node) => isWhole && expressionOf(node)?.exact === true,
    );
    const words = ofWords && sql`CROSS JOIN job_words ON job_words.job_id = hits.rowid`;
    const jobs = ofJob && sql`CROSS JOIN jobs ON jobs.id = hits.rowid`;
    const conditions = [match, ofWords, ofJob].filter((each) => each !== undefined);
    return sql`${table} AS hits ${words ?? sql``} ${jobs ?? sql``} WHERE ${sql.join(conditions, sql` AND `)}`;
  }

  async #countHits({ table, match }: Walk, limit: number): Promise<number> {
    return this.#count(sql`SELECT hits.rowid FROM ${table} AS hits WHERE ${match} LIMIT ${limit}`);
  }

  async #count(some: RawBuilder<unknown>): Promise<number> {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${some})`.execute(this.#db);
    return rows[0]?.count ?? 0;
  }

  async #ids(some: RawBuilder<unknown>): Promise<number[]> {
    const { rows } = await sql<{ id: number }>`${some}`.execute(this.#db);
    return rows.map(({ id }) => id);
  }
}

/** What FTS5 is asked for. It knows its table by its own name alone. */
interface Walk {
  readonly table: RawBuilder<unknown>;
  readonly match: Condition;
  /** FTS5 must find all of it before it knows the first. */
  readonly isGathered: boolean;
  /** It says all that the index of words knows of the question. */
  readonly isWhole: boolean;
  /** It answers all of the question. */
  readonly isExact: boolean;
}

function wordsWalk(words: WordExpression, said: Omit<Walk, 'table' | 'match'>): Walk {
  return {
    ...said,
    table: sql`word_index`,
    match: sql`hits.word_index MATCH ${ftsText(words)}`,
  };
}

/** Without positions the index knows only which trigrams there are; the jobs themselves are asked for the rest. */
function partsWalk({ parts }: IndexQuestion): Walk | undefined {
  if (parts.length === 0) return undefined;
  const trigrams = [...new Set(parts.flatMap(({ text }) => trigramsOf(text)))];
  const match = trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ');
  return {
    table: sql`part_index`,
    match: sql`hits.part_index MATCH ${match}`,
    isGathered: false,
    isWhole: false,
    isExact: false,
  };
}

function trigramsOf(text: string): string[] {
  const characters = [...text];
  return characters.slice(2).map((_, i) => characters.slice(i, i + 3).join(''));
}

/** Whole words, and beginnings of two to four letters (migration 10). */
function hasWalk(expression: WordExpression): boolean {
  if (expression.kind !== 'word') return expression.items.every(hasWalk);
  return !expression.open || isShort(expression.word);
}

function isShort({ length }: string): boolean {
  return length >= 2 && length <= 4;
}

function isNothing(expression: WordExpression): boolean {
  if (expression.kind === 'word') return false;
  return expression.kind === 'all' ? expression.items.some(isNothing) : expression.items.every(isNothing);
}

function beginningsOf(expression: WordExpression): string[] {
  if (expression.kind !== 'word') return expression.items.flatMap(beginningsOf);
  return hasWalk(expression) ? [] : [expression.word];
}

/** The first words that begin like this: each is leapt to, however many jobs have the one before. */
function termsBeginning(beginning: string, i: number, most: number): RawBuilder<unknown> {
  const found = sql.ref(`found_${i}`);
  const from = (start: RawBuilder<unknown>) =>
    sql`(SELECT word_terms.term FROM word_terms WHERE word_terms.term >= ${start} LIMIT 1)`;
  return sql`SELECT ${beginning} AS beginning, term FROM (
    WITH RECURSIVE ${found} (term) AS (
      SELECT ${from(sql`${beginning}`)}
      UNION ALL
      SELECT ${from(sql`${found}.term || char(1)`)} FROM ${found} WHERE substr(${found}.term, 1, length(${beginning})) = ${beginning}
      LIMIT ${most}
    ) SELECT term FROM ${found} WHERE substr(term, 1, length(${beginning})) = ${beginning})`;
}

/** The same with the words that may be meant, unless they are too many; an alternative that there is no word for is none. */
function spread(
  expression: WordExpression,
  termsOf: (beginning: string) => readonly string[] | undefined,
): WordExpression {
  if (expression.kind !== 'word') {
    const items = expression.items.map((item) => spread(item, termsOf));
    return {
      ...expression,
      items: expression.kind === 'any' ? items.filter((item) => !isNothing(item)) : items,
    };
  }
  if (hasWalk(expression)) return expression;
  const terms = termsOf(expression.word);
  return terms === undefined ? expression : any(terms.map((term) => word(term, false, expression.exact)));
}
