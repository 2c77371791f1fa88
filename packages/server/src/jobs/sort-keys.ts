import { isEnded, type JobSort, jobStatuses } from '@daybook/core';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { EngineProfile } from '../storage/index.ts';
import type { JobRow } from './job-rows.ts';

/** How a list is put into order; equal values by id, in the same direction. */
export interface SortKey {
  readonly column:
    | 'id'
    | 'submitted_at'
    | 'updated_at'
    | 'ended_at'
    | 'name'
    | 'duration'
    | 'user'
    | 'project';
  readonly direction: 'asc' | 'desc';
  /** Of a row of `jobs`. */
  readonly value: RawBuilder<unknown>;
  /** What of it a cursor holds. */
  readonly type: 'number' | 'text';
  /** Jobs without a value are no part of such a list. */
  readonly excludes?: RawBuilder<SqlBool>;
  /** Parts of all jobs of which each is in order by an index of its own (migrations 1, 12 and 14), where no index has them all. */
  readonly parts?: readonly SortPart[];
  /** Where PostgreSQL has this order: a column of `job_order`, which holds the same value (migration 17). */
  readonly beside?: RawBuilder<unknown>;
}

export interface SortPart {
  readonly holds: RawBuilder<SqlBool>;
  /** What its jobs are put into order by; a text if it is the same of all. */
  readonly value: RawBuilder<unknown> | string;
  readonly on?: EngineProfile['name'];
}

/** No value counts as an empty text. */
function orNothing(column: 'user_name' | 'project') {
  const value = sql.ref(`jobs.${column}`);
  return {
    value: sql`coalesce(${value}, '')`,
    type: 'text',
    parts: [
      { holds: sql<SqlBool>`${value} IS NULL`, value: '' },
      { holds: sql<SqlBool>`${value} IS NOT NULL`, value },
    ],
    beside: sql.ref(`job_order.${column}`),
  } as const;
}

/** Every job without an end has one of these. */
const notEnded = jobStatuses.filter((status) => !isEnded(status));

const columns = {
  id: { value: sql`jobs.id`, type: 'number' },
  submitted_at: { value: sql`jobs.submitted_at`, type: 'number' },
  updated_at: {
    value: sql`jobs.updated_at`,
    type: 'number',
    parts: [
      { holds: sql<SqlBool>`jobs.ended_at IS NULL`, value: sql`jobs.updated_at`, on: 'sqlite' },
      { holds: sql<SqlBool>`jobs.ended_at IS NOT NULL`, value: sql`jobs.updated_at`, on: 'sqlite' },
      {
        // By their status, which has an index already.
        holds: sql<SqlBool>`(jobs.ended_at IS NULL AND jobs.status IN (${sql.join(notEnded.map(sql.lit))}))`,
        value: sql`jobs.updated_at`,
        on: 'postgres',
      },
      {
        holds: sql<SqlBool>`jobs.ended_updated_at IS NOT NULL`,
        value: sql`jobs.ended_updated_at`,
        on: 'postgres',
      },
    ],
  },
  ended_at: { value: sql`jobs.ended_at`, type: 'number', excludes: sql<SqlBool>`jobs.ended_at IS NOT NULL` },
  name: { value: sql`jobs.name`, type: 'text', beside: sql`job_order.name` },
  duration: {
    value: sql`(jobs.ended_at - jobs.started_at)`,
    type: 'number',
    excludes: sql<SqlBool>`(jobs.ended_at IS NOT NULL AND jobs.started_at IS NOT NULL)`,
  },
  user: orNothing('user_name'),
  project: orNothing('project'),
} as const satisfies Record<SortKey['column'], Omit<SortKey, 'column' | 'direction'>>;

function key(column: SortKey['column'], direction: 'asc' | 'desc'): SortKey {
  return { column, direction, ...columns[column] };
}

export const sortKeys: Readonly<Record<JobSort, SortKey>> = {
  id: key('id', 'asc'),
  '-id': key('id', 'desc'),
  submittedAt: key('submitted_at', 'asc'),
  '-submittedAt': key('submitted_at', 'desc'),
  updatedAt: key('updated_at', 'asc'),
  '-updatedAt': key('updated_at', 'desc'),
  endedAt: key('ended_at', 'asc'),
  '-endedAt': key('ended_at', 'desc'),
  name: key('name', 'asc'),
  '-name': key('name', 'desc'),
  duration: key('duration', 'asc'),
  '-duration': key('duration', 'desc'),
  user: key('user', 'asc'),
  '-user': key('user', 'desc'),
  project: key('project', 'asc'),
  '-project': key('project', 'desc'),
};

/** Where a row stands in the order: what a cursor says. */
export function placeOf(row: JobRow, { column }: SortKey): string | number {
  switch (column) {
    case 'duration':
      return (row.ended_at ?? 0) - (row.started_at ?? 0);
    case 'user':
      return row.user_name ?? '';
    case 'project':
      return row.project ?? '';
    default:
      return row[column] ?? 0;
  }
}
