import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from '../storage/index.ts';
import type { IndexQuestion, Part } from './index-question.ts';
import { tsqueryText, type WordExpression } from './word-expression.ts';
import { RANGE, type Ranges } from './word-ranges.ts';

type Condition = RawBuilder<SqlBool>;

/*
 * Which of several things the GIN indexes are best asked for. They must gather all jobs of a beginning before they can hold
 * them against others; whole words they leap through. So they are asked for what is rare, and for what is common where
 * that is less than to look at each job that would be left without.
 */

/**
 * What it takes, microseconds, measured with a million jobs: to gather what has a word, by the jobs and by the pages where
 * their rows are; to leap to the next job of a word; to read a row that was found.
 */
const GATHER = 0.1;
const GATHER_PAGE = 1.5;
/** As many times as long where all words that begin so are gathered one by one. */
const OPEN = 2;
const LEAP = 7;
const READ = 0.4;
/** To look up the words of a job that was found; to read the page where they are, if they are gathered by their parts. */
const LOOK_UP = 4;
const READ_PAGE = 10;
/** Rows on one page: of `word_index`, and of `job_words`, where parts are looked for. */
const PER_PAGE = { words: 185, parts: 11 } as const;

/** What asks an index, the one of words for some of its ranges. */
type Asking = (ranges: Ranges) => Condition;

/** One thing that an index is asked, and how many jobs the planner believes to have it. */
export interface Demand {
  /** Which index is asked. */
  readonly of: 'words' | 'parts';
  /** On a row of `word_index`, or of `job_words`. */
  readonly condition: Asking;
  /** It holds beginnings. */
  readonly open: boolean;
  readonly rows: number;
}

/** What the planner knows of a question: all jobs that there are, and its demands, the rarest first. */
export interface KnownDemands {
  readonly all: number;
  readonly demands: readonly Demand[];
}

/** What an index is asked, and how long it takes until its jobs are known, microseconds. */
export interface Gathering {
  readonly of: Demand['of'];
  readonly match: Asking;
  /** All that this index can be asked. */
  readonly isWhole: boolean;
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
      .map((each) => ({
        of: 'words' as const,
        condition: (ranges: Ranges) => hasWords(each, ranges),
        open: isOpen(each),
        known: sql`words_of_job(job_id, edition) @@ ${tsqueryText(each)}::tsquery`,
      })),
    // Of trigrams there are several, each of many jobs.
    ...parts.map((each) => ({
      of: 'parts' as const,
      condition: () => hasPart(each),
      open: true,
      known: hasPart(each),
    })),
  ];
  const plans = [
    sql`SELECT 1 FROM job_words`,
    ...asked.map(({ of, known }) => sql`SELECT 1 FROM ${tableOf(of)} WHERE ${known}`),
  ];
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
 * The rarest of the demands, as many of them as pay; by parts only where these are rarer than the words. `seen`: the share of
 * jobs that was seen to fulfil all of them, so that none of them is rarer. `left`: so many jobs, in their order, are gathered
 * from; the index of words need not be asked for all ranges.
 */
export function cheapestGathering(
  { all, demands: known }: KnownDemands,
  { seen = 0, left = all }: { seen?: number; left?: number } = {},
): Gathering {
  const share = Math.min(1, (RANGE + 2 * left) / all);
  const demands = known.map((each) => ({ ...each, rows: Math.max(each.rows, seen * all) }));
  const ways = (['words', 'parts'] as const).map((of) => {
    const asked = demands.filter((each) => each.of === of);
    return asked.length === 0
      ? undefined
      : cheapestOf(of, asked, {
          all,
          isMore: asked.length < demands.length,
          share: of === 'words' ? share : 1,
        });
  });
  const [words, parts] = ways;
  const best = parts === undefined || (words && words.cost <= parts.cost) ? words : parts;
  if (best === undefined) throw new Error('an index was to be asked nothing');
  return best;
}

/** `isMore`: what is found must be looked up anyway, because the other index knows more of it. `share`: of its ranges. */
function cheapestOf(
  of: Demand['of'],
  demands: readonly Demand[],
  { all, isMore, share }: { all: number; isMore: boolean; share: number },
): Gathering {
  let best: Gathering | undefined;
  let [found, gathered] = [all, 0];
  const asked: Asking[] = [];
  for (const [i, { condition, open, rows }] of demands.entries()) {
    asked.push(condition);
    const whole = (pagesOf(of, rows, all) * GATHER_PAGE + rows * GATHER) * (open ? OPEN : 1);
    gathered += open || i === 0 ? whole : Math.min(whole, found * LEAP);
    found *= rows / all;
    const isWhole = i === demands.length - 1;
    const looking =
      of === 'parts' ? pagesOf(of, found, all) * READ_PAGE : isWhole && !isMore ? 0 : found * LOOK_UP;
    const cost = (gathered + found * READ + looking) * share;
    if (best === undefined || cost < best.cost) best = { of, match: allOf(asked.slice()), isWhole, cost };
  }
  return best as Gathering;
}

function allOf(asked: readonly Asking[]): Asking {
  return (ranges) =>
    sql.join(
      asked.map((each) => each(ranges)),
      sql` AND `,
    );
}

function pagesOf(of: Demand['of'], jobs: number, all: number): number {
  return Math.min(jobs, all / PER_PAGE[of]);
}

/** Where it is asked. */
export function tableOf(of: Demand['of']): RawBuilder<unknown> {
  return of === 'words' ? sql`word_index` : sql`job_words`;
}

function isOpen(expression: WordExpression): boolean {
  return expression.kind === 'word' ? expression.open : expression.items.some(isOpen);
}

/** The words as they are kept. */
function hasWords(words: WordExpression, ranges: Ranges): Condition {
  return sql`ranged_words_of_job(job_id, edition) @@ ${tsqueryText(words, ranges)}::tsquery`;
}

/** Trigrams find it where their extension is at hand. */
function hasPart({ field, text }: Part): Condition {
  return sql`${sql.ref(`job_words.${field}`)} LIKE ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`;
}
