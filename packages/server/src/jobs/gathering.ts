import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { postgresProfile } from '../storage/engine-profile.ts';
import type { Database } from '../storage/index.ts';
import type { IndexQuestion, Part } from './index-question.ts';
import { indexText, type WordExpression } from './word-expression.ts';

type Condition = RawBuilder<SqlBool>;

/*
 * Which of several words a GIN index is best asked for. It must gather all jobs of a beginning before it can hold them against
 * other words; whole words it leaps through. So it is asked for what is rare, and what is common is looked for in
 * the jobs that it has found.
 */

/**
 * What it takes, microseconds, measured with a million jobs: to gather what has a word, by the pages where the jobs are and
 * by the jobs; to leap to the next job of a word.
 */
const GATHER_PAGE = 1.5;
const GATHER = 0.05;
const LEAP = 7;
/** To read the page of a job that was found, and the words there. */
const READ_PAGE = 5;
const READ = 0.5;
/** Jobs on one page of `job_words`. */
const PER_PAGE = 11;

/** One thing that an index is asked, and how many jobs the planner believes to have it. */
export interface Demand {
  readonly condition: Condition;
  /** It holds beginnings. */
  readonly open: boolean;
  readonly rows: number;
}

/** What the planner knows of a question: all jobs that there are, and its demands, the rarest first. */
export interface KnownDemands {
  readonly all: number;
  readonly demands: readonly Demand[];
}

/** What the index is asked, and how long it takes until its jobs are read, microseconds. */
export interface Gathering {
  readonly match: Condition;
  readonly cost: number;
}

/** Asks the planner, which looks into its statistics and at no job. */
export async function knownDemands(
  db: Kysely<Database>,
  { expressions, parts }: IndexQuestion,
): Promise<KnownDemands> {
  const asked = [
    ...expressions
      .flatMap((each) => (each.kind === 'all' ? each.items : [each]))
      .map((each) => ({ condition: hasWords(each), open: isOpen(each) })),
    // Of trigrams there are several, each of many jobs.
    ...parts.map((each) => ({ condition: hasPart(each), open: true })),
  ];
  const plans = [sql`1 = 1`, ...asked.map(({ condition }) => condition)].map(
    (condition) => sql`SELECT 1 FROM job_words WHERE ${condition}`,
  );
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    EXPLAIN (FORMAT JSON) ${sql.join(plans, sql` UNION ALL `)}`.execute(db);
  const [plan] = JSON.parse(rows[0]?.['QUERY PLAN'] ?? '[]') as [{ Plan: Planned }?];
  const [all = 1, ...found] = plan?.Plan.Plans?.map((each) => each['Plan Rows']) ?? [];
  const demands = asked.map((each, i) => ({ ...each, rows: found[i] ?? 0 }));
  return { all: Math.max(all, 1), demands: demands.sort((a, b) => a.rows - b.rows) };
}

interface Planned {
  readonly 'Plan Rows': number;
  readonly Plans?: readonly Planned[];
}

/** The share of all jobs that fulfil all demands, if these have nothing to do with each other; above 0. */
export function shareOf({ all, demands }: KnownDemands): number {
  return demands.reduce((share, { rows }) => (share * Math.max(rows, 1)) / all, 1);
}

/**
 * The rarest of the demands, as many of them as pay. `share`: that of all jobs that fulfil all of them, if it is known better
 * than by their rows; words that exclude each other find less than each of them promises.
 */
export function cheapestGathering({ all, demands }: KnownDemands, share = 1): Gathering {
  let best: Gathering | undefined;
  let [found, gathered] = [all, 0];
  const asked: Condition[] = [];
  for (const [i, { condition, open, rows }] of demands.entries()) {
    asked.push(condition);
    const whole = pagesOf(rows, all) * GATHER_PAGE + rows * GATHER;
    gathered += open || i === 0 ? whole : Math.min(whole, found * LEAP);
    found *= rows / all;
    const isLast = i === demands.length - 1;
    const cost = gathered + readingOf(isLast ? Math.min(found, share * all) : found, all);
    if (best === undefined || cost < best.cost) best = { match: sql.join([...asked], sql` AND `), cost };
  }
  return best ?? { match: sql`1 = 1`, cost: readingOf(all, all) };
}

function readingOf(found: number, all: number): number {
  return pagesOf(found, all) * READ_PAGE + found * READ;
}

function pagesOf(jobs: number, all: number): number {
  return Math.min(jobs, all / PER_PAGE);
}

function isOpen(expression: WordExpression): boolean {
  return expression.kind === 'word' ? expression.open : expression.items.some(isOpen);
}

function hasWords(words: WordExpression): Condition {
  return sql`array_to_tsvector(array_remove(string_to_array(job_words.words, E'\n'), '')) @@ ${indexText(words, postgresProfile)}::tsquery`;
}

/** Trigrams find it where their extension is at hand. */
function hasPart({ field, text }: Part): Condition {
  return sql`${sql.ref(`job_words.${field}`)} LIKE ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`;
}
