import { type FieldChange, type HumanField, humanFields, toIso } from '@daybook/core';
import { type Kysely, sql } from 'kysely';
import type { Actor } from '../actor.ts';
import { refuseUnseen, visibleJobs } from '../jobs/visible-jobs.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Database } from '../storage/index.ts';

export interface HistoryPage {
  readonly items: FieldChange[];
  readonly nextCursor?: string;
}

/** One fact with what people changed by it. */
interface Row {
  readonly id: number;
  readonly kind: string;
  readonly status: string | null;
  readonly metadata: string | null;
  readonly actor: string | null;
  readonly at: number;
  readonly was: string | null;
}

/**
 * What people changed of a job, the latest first. `limit` counts facts: fields that were changed together stay together.
 *
 * @throws DaybookError `not_found`
 */
export async function readHistory(
  db: Kysely<Database>,
  actor: Actor,
  jobId: number,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<HistoryPage> {
  const before = cursor === undefined ? undefined : Number(decodeCursor('history', cursor, ['number'])[0]);
  const rows = await db
    .selectFrom('events')
    .innerJoin('jobs', 'jobs.id', 'events.job_id')
    .select(['events.id', 'events.kind', 'events.status', 'events.metadata', 'events.actor', 'events.at'])
    // The status that a correction replaced stands in the fact before it.
    .select(
      sql<string | null>`(SELECT past.status FROM events AS past WHERE past.job_id = events.job_id
        AND past.id < events.id AND past.kind IN ('created', 'status', 'error') AND past.status IS NOT NULL
        AND past.unapplied IS NULL ORDER BY past.id DESC LIMIT 1)`.as('was'),
    )
    .where('events.job_id', '=', jobId)
    .where((eb) => visibleJobs(actor.scope)(eb as never))
    .where((eb) => eb.or([eb('events.kind', '=', 'annotation'), eb('events.cause', '=', 'correction')]))
    .$if(before !== undefined, (query) => query.where('events.id', '<', before as number))
    .orderBy('events.id', 'desc')
    .limit(limit + 1)
    .execute();
  if (rows.length === 0) await refuseUnseen(db, actor.scope, jobId);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.flatMap(changesIn),
    ...(rows.length > shown.length && last && { nextCursor: encodeCursor('history', [last.id]) }),
  };
}

function changesIn({ id, kind, status, metadata, actor, at, was }: Row): FieldChange[] {
  const fact = { eventId: id, actor, at: toIso(at) };
  if (kind !== 'annotation') return [{ ...fact, field: 'status', from: was, to: status }];
  const changes: Partial<Record<HumanField, { from: unknown; to: unknown }>> = JSON.parse(metadata ?? '{}');
  return humanFields.flatMap((field) => {
    const change = changes[field];
    return change === undefined ? [] : [{ ...fact, field, from: change.from, to: change.to }];
  });
}
