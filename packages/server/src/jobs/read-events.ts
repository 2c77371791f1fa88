import type { EventKind, JobEvent, Scope } from '@daybook/core';
import type { Kysely } from 'kysely';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Database } from '../storage/index.ts';
import { eventOf, logLineOf } from './job-rows.ts';
import { visibleJobs } from './visible-jobs.ts';

export interface EventsQuery {
  kind?: readonly EventKind[];
  sort: 'id' | '-id';
  limit: number;
  cursor?: string;
}

export interface EventPage {
  items: JobEvent[];
  nextCursor?: string;
}

/**
 * A page of what happened to a job: facts and log lines, merged in the order in which we heard of them. Undefined if the
 * scope does not see the job.
 */
export async function readEvents(
  db: Kysely<Database>,
  scope: Scope,
  jobId: number,
  query: EventsQuery,
): Promise<EventPage | undefined> {
  const job = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', jobId)
    .where(visibleJobs(scope))
    .executeTakeFirst();
  if (job === undefined) return undefined;
  const page = {
    ...query,
    from:
      query.cursor === undefined ? undefined : Number(decodeCursor(query.sort, query.cursor, ['number'])[0]),
  };
  const facts = query.kind?.every((kind) => kind === 'log') ? [] : await readFacts(db, jobId, page);
  const lines =
    query.kind === undefined || query.kind.includes('log') ? await readLines(db, jobId, page) : [];
  const sign = query.sort === 'id' ? 1 : -1;
  const merged = [...facts, ...lines].sort((a, b) => sign * (a.id - b.id));
  const items = merged.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items,
    ...(merged.length > items.length && last && { nextCursor: encodeCursor(query.sort, [last.id]) }),
  };
}

type Page = EventsQuery & { from: number | undefined };

async function readFacts(db: Kysely<Database>, jobId: number, page: Page): Promise<JobEvent[]> {
  const kinds = page.kind?.filter((kind) => kind !== 'log');
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('job_id', '=', jobId)
    .$if(kinds !== undefined, (query) => query.where('kind', 'in', kinds as EventKind[]))
    .$if(page.from !== undefined, (query) =>
      query.where('id', page.sort === 'id' ? '>' : '<', page.from as number),
    )
    .orderBy('id', page.sort === 'id' ? 'asc' : 'desc')
    .limit(page.limit + 1)
    .execute();
  return rows.map(eventOf);
}

async function readLines(db: Kysely<Database>, jobId: number, page: Page): Promise<JobEvent[]> {
  const rows = await db
    .selectFrom('log_lines')
    .selectAll()
    .where('job_id', '=', jobId)
    .$if(page.from !== undefined, (query) =>
      query.where('id', page.sort === 'id' ? '>' : '<', page.from as number),
    )
    .orderBy('id', page.sort === 'id' ? 'asc' : 'desc')
    .limit(page.limit + 1)
    .execute();
  return rows.map(logLineOf);
}
