import type { PauseState } from '@daybook/core';
import { type Expression, type ExpressionBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { Database, MaintenanceTable } from '../storage/index.ts';

/** When a pause counts. Nothing has to run to begin or end one: whoever asks looks at the clock. */

/**
 * The pauses that count at `now`. One that was made to begin at once counts even for a process whose clock is behind
 * that of the process that made it.
 */
export function countsNow(now: number) {
  return (eb: ExpressionBuilder<Database, 'maintenance'>): Expression<SqlBool> =>
    eb.and([notOver(now)(eb), eb.or([eb('starts_at', '<=', now), sql<SqlBool>`starts_at <= created_at`])]);
}

/** The pauses that are yet to come at `now`. */
export function countsLater(now: number) {
  return (eb: ExpressionBuilder<Database, 'maintenance'>): Expression<SqlBool> =>
    eb.and([notOver(now)(eb), eb('starts_at', '>', now), sql<SqlBool>`starts_at > created_at`]);
}

function notOver(now: number) {
  return (eb: ExpressionBuilder<Database, 'maintenance'>): Expression<SqlBool> =>
    eb.and([
      eb('paused', '=', 1),
      eb('ended_at', 'is', null),
      eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]),
    ]);
}

/** The same of one pause that was read. */
export function stateOf(row: Selectable<MaintenanceTable>, now: number): PauseState {
  const atOnce = row.starts_at <= row.created_at;
  if (row.ended_at !== null) return !atOnce && row.ended_at < row.starts_at ? 'canceled' : 'over';
  if (row.ends_at !== null && row.ends_at <= now) return 'over';
  return atOnce || row.starts_at <= now ? 'current' : 'scheduled';
}
