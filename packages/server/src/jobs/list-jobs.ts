import { type JobListQuery, type JobSummary, jobListQuerySchema, type Scope } from '@daybook/core';
import type { Kysely } from 'kysely';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Database, EngineProfile } from '../storage/index.ts';
import { countIds, findIds } from './find-ids.ts';
import { jobsWithTexts, summaries } from './find-jobs.ts';
import { placeOf, type SortKey, sortKeys } from './sort-keys.ts';

export interface JobPage {
  items: JobSummary[];
  nextCursor?: string;
  total?: number;
  /** False when there are more than were counted. */
  totalIsExact?: boolean;
}

/** Where lists are read: rows by their ids, and everything else, which may take longer than an event loop has. */
export interface ListReads {
  readonly profile: EngineProfile;
  readonly read: Kysely<Database>;
  readonly people: Kysely<Database>;
}

/** Counting further is not worth the wait: "10,000+" says enough. */
export const COUNTED = 10_000;

/**
 * A page of jobs by keyset: every page costs the same, and jobs that arrive meanwhile shift nothing.
 *
 * @throws DaybookError `invalid_cursor`
 */
export async function listJobs(
  { profile, read, people }: ListReads,
  scope: Scope,
  query: JobListQuery,
): Promise<JobPage> {
  const { limit, sort, cursor, total: isCounted, ...filter } = query;
  const key = sortKeys[sort];
  const after = cursor === undefined ? undefined : placeAfter(key, query);
  const reads = { profile, db: people };
  const [ids, total] = await Promise.all([
    findIds(reads, { scope, filter, sort, limit: limit + 1, after }),
    isCounted ? countIds(reads, { scope, filter }, COUNTED) : undefined,
  ]);
  const rows = await rowsInOrder(read, scope, ids.slice(0, limit));
  const last = rows.at(-1);
  return {
    items: await summaries(read, rows),
    ...(ids.length > limit && last && { nextCursor: encodeCursor(sort, [placeOf(last, key), last.id]) }),
    ...(total !== undefined && { total: Math.min(total, COUNTED), totalIsExact: total <= COUNTED }),
  };
}

const EVERYTHING: Scope = { all: true, projects: [], providerId: 0, customers: [] };

/**
 * Asks for the first page, and forgets it: connections are made, tables are looked up and code is compiled before somebody
 * waits for it. Twice at once, because people's reads have two connections on PostgreSQL.
 */
export async function warmLists(reads: ListReads): Promise<void> {
  const query = { ...jobListQuerySchema.parse({}), q: undefined };
  await Promise.all([listJobs(reads, EVERYTHING, query), listJobs(reads, EVERYTHING, query)]);
}

async function rowsInOrder(read: Kysely<Database>, scope: Scope, ids: readonly number[]) {
  if (ids.length === 0) return [];
  const rows = await jobsWithTexts(read, scope).where('jobs.id', 'in', ids).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function placeAfter({ type }: SortKey, query: JobListQuery): [string | number, number] {
  const values = decodeCursor(query.sort, query.cursor as string, [type, 'number']);
  return values as [string | number, number];
}
