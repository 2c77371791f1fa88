import { type JobFilter, Query, type QueryNode, type Scope } from '@daybook/core';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database, Store } from '../storage/index.ts';
import { findIds } from './find-ids.ts';
import { conditionOf } from './index-question.ts';

/** What is counted: the name of the filter, which is also its field in queries where that has no other name. */
export const facetNames = [
  'status',
  'analysisStatus',
  'assessment',
  'kind',
  'project',
  'user',
  'solver',
  'tag',
] as const;
export type Facet = (typeof facetNames)[number];

const columns: Readonly<Record<Exclude<Facet, 'tag'>, string>> = {
  status: 'status',
  analysisStatus: 'analysis_status',
  assessment: 'assessment',
  kind: 'kind',
  project: 'project',
  user: 'user_name',
  solver: 'solver',
};

export type FacetCounts = Record<Facet, { value: string | null; count: number }[]>;

/** Counts of a list: of all its jobs, or (`exact` false) of the newest of them. */
export interface Counted {
  readonly total: number;
  readonly exact: boolean;
  readonly facets: FacetCounts;
}

/** Most values of one facet that are worth showing. */
const VALUES = 100;
/** Jobs that are counted at once: exact for most questions, and quick for all. */
export const COUNTED_AT_ONCE = 10_000;
/** Ids that are looked through at once where all jobs are counted: others read in between. */
const CHUNK = 25_000;

type Reads = Pick<Store, 'profile'> & { readonly db: Kysely<Database> };
type Tally = Map<Facet, Map<string | null, number>>;

/**
 * Counts the newest 10,000 jobs of a list per value of each facet, which is all of most lists. A facet leaves out what
 * the list asks of itself, so that its other values can be chosen.
 */
export async function countNewest(reads: Reads, scope: Scope, filter: JobFilter): Promise<Counted> {
  const tally: Tally = new Map();
  let [total, exact] = [0, true];
  for (const { facets, asked, isWhole } of questions(filter)) {
    const search = { scope, filter: asked, sort: '-id', limit: COUNTED_AT_ONCE + 1 } as const;
    const ids = await findIds(reads, search);
    if (isWhole) total = Math.min(ids.length, COUNTED_AT_ONCE);
    if (ids.length > COUNTED_AT_ONCE) exact = false;
    if (ids.length > 0) await addTo(tally, reads.db, facets, jobsAmong(reads, ids.slice(0, COUNTED_AT_ONCE)));
  }
  return { total, exact, facets: sortedCounts(tally) };
}

/** Counts all jobs of a list. It takes seconds where there are a million, in parts that let others read in between. */
export async function countAll(
  reads: Reads,
  scope: Scope,
  filter: JobFilter,
  signal: AbortSignal,
): Promise<Counted> {
  const tally: Tally = new Map();
  const greatest = await greatestId(reads.db);
  let total = 0;
  for (const { facets, asked, isWhole } of questions(filter))
    for (let to = greatest; to > 0; to -= CHUNK) {
      signal.throwIfAborted();
      const jobs = sql`SELECT * FROM jobs WHERE jobs.id > ${to - CHUNK} AND jobs.id <= ${to} AND ${conditionOf({ scope, filter: asked })}`;
      const counted = await addTo(tally, reads.db, facets, jobs);
      if (isWhole) total += counted;
    }
  return { total, exact: true, facets: sortedCounts(tally) };
}

async function greatestId(db: Kysely<Database>): Promise<number> {
  const { id } = await db
    .selectFrom('jobs')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirstOrThrow();
  return id ?? 0;
}

interface Question {
  readonly facets: readonly Facet[];
  readonly asked: JobFilter;
  /** It is the list itself. */
  readonly isWhole: boolean;
}

/** The list itself, and the list without what it asks of a facet, for each facet that it asks something of. */
function questions(filter: JobFilter): Question[] {
  const narrowed = facetNames
    .map((facet) => ({ facet, without: withoutFacet(filter, facet) }))
    .filter(({ without }) => without !== filter);
  const own = new Set(narrowed.map(({ facet }) => facet));
  return [
    { facets: facetNames.filter((facet) => !own.has(facet)), asked: filter, isWhole: true },
    ...narrowed.map(({ facet, without }) => ({ facets: [facet], asked: without, isWhole: false })),
  ];
}

/** The same filter if it asks nothing of the facet. */
function withoutFacet(filter: JobFilter, facet: Facet): JobFilter {
  const { q } = filter;
  const plain = filter[facet as keyof JobFilter] !== undefined;
  const root = q?.root;
  const items = root === undefined ? [] : root.kind === 'and' ? root.items : [root];
  const left = items.filter((item) => facetOf(item) !== facet);
  if (!plain && left.length === items.length) return filter;
  const [only, second] = left;
  const rest: QueryNode | undefined = second === undefined ? only : { kind: 'and', items: left };
  return { ...filter, [facet]: undefined, q: rest === undefined ? undefined : new Query(rest, q?.context) };
}

/** The facet that a part of a query chooses values of; what is excluded is no choice. */
function facetOf(node: QueryNode): Facet | undefined {
  switch (node.kind) {
    case 'status':
    case 'assessment':
      return node.kind;
    case 'analysis':
      return 'analysisStatus';
    case 'term':
      return facetNames.find((facet) => facet === node.field);
    default:
      return undefined;
  }
}

function jobsAmong({ profile }: Reads, ids: readonly number[]): RawBuilder<unknown> {
  const list = JSON.stringify(ids);
  return profile.name === 'sqlite'
    ? sql`SELECT jobs.* FROM json_each(${list}) AS wanted CROSS JOIN jobs ON jobs.id = wanted.value`
    : sql`SELECT jobs.* FROM jobs WHERE jobs.id = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text(${list}::json)))`;
}

/** Counts some jobs and answers how many they are. One statement: they are found once for all facets. */
async function addTo(
  tally: Tally,
  db: Kysely<Database>,
  facets: readonly Facet[],
  jobs: RawBuilder<unknown>,
): Promise<number> {
  const parts = facets.map((facet) =>
    facet === 'tag'
      ? sql`SELECT 'tag' AS facet, job_tags.tag AS value, count(*) AS count
          FROM hits JOIN job_tags ON job_tags.job_id = hits.id GROUP BY job_tags.tag`
      : sql`SELECT ${sql.lit(facet)} AS facet, ${sql.ref(`hits.${columns[facet]}`)} AS value, count(*) AS count
          FROM hits GROUP BY ${sql.ref(`hits.${columns[facet]}`)}`,
  );
  const names = sql.raw(['id', ...Object.values(columns)].join(', '));
  const { rows } = await sql<{ facet: Facet | 'total'; value: string | null; count: number }>`
    WITH hits AS MATERIALIZED (SELECT ${names} FROM (${jobs}) AS found)
    SELECT 'total' AS facet, NULL AS value, count(*) AS count FROM hits
    ${sql.join(
      parts.map((part) => sql`UNION ALL ${part}`),
      sql` `,
    )}`.execute(db);
  let total = 0;
  for (const { facet, value, count } of rows) {
    if (facet === 'total') {
      total = Number(count);
      continue;
    }
    const counts = tally.get(facet) ?? new Map<string | null, number>();
    counts.set(value, (counts.get(value) ?? 0) + Number(count));
    tally.set(facet, counts);
  }
  return total;
}

/** Most frequent first, equally frequent ones by name. */
function sortedCounts(tally: Tally): FacetCounts {
  const entries = facetNames.map((facet) => {
    const counts = [...(tally.get(facet) ?? [])].map(([value, count]) => ({ value, count }));
    counts.sort((a, b) => b.count - a.count || ((a.value ?? '') < (b.value ?? '') ? -1 : 1));
    return [facet, counts.slice(0, VALUES)] as const;
  });
  return Object.fromEntries(entries) as unknown as FacetCounts;
}
