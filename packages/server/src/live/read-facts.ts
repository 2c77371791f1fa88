import type { JobEvent, Visibility } from '@daybook/core';
import { type Expression, type Kysely, type SqlBool, sql } from 'kysely';
import { eventOf, logLineOf } from '../jobs/job-rows.ts';
import type { Database, Position } from '../storage/index.ts';

/** A fact or log line on its way to watchers, with what decides on who may see it. */
export interface LiveFact {
  readonly position: Position;
  readonly event: JobEvent;
  readonly visibility: Visibility;
}

export interface FactPage {
  readonly facts: LiveFact[];
  /** Everything up to here is in the page. */
  readonly upTo: Position;
}

/** Facts of one page at most. */
export const PAGE = 1_000;

/**
 * The facts after `from` up to `horizon`, in order, with the log lines of `logJobs`. A page that is full ends earlier.
 * Visibility is in the rows, not in the query: one reading serves all watchers.
 */
export async function readFacts(
  db: Kysely<Database>,
  from: Position,
  horizon: Position,
  logJobs: readonly number[],
): Promise<FactPage> {
  const events = await db
    .selectFrom('events')
    .innerJoin('jobs', 'jobs.id', 'events.job_id')
    .selectAll('events')
    .select(['jobs.project', 'jobs.provider_id', 'jobs.customer'])
    .where(between('events', from, horizon))
    .$if(horizon.tx > 0, (query) => query.orderBy('events.tx'))
    .orderBy('events.id')
    .limit(PAGE)
    .execute();
  const facts = events.map((row) => fact(row, eventOf(row)));
  let upTo = facts.length === PAGE ? (facts.at(-1) as LiveFact).position : horizon;
  if (logJobs.length === 0) return { facts, upTo };
  const rows = await db
    .selectFrom('log_lines')
    .innerJoin('jobs', 'jobs.id', 'log_lines.job_id')
    .selectAll('log_lines')
    .select(['jobs.project', 'jobs.provider_id', 'jobs.customer'])
    .where('log_lines.job_id', 'in', logJobs)
    .where(between('log_lines', from, upTo))
    .$if(upTo.tx > 0, (query) => query.orderBy('log_lines.tx'))
    .orderBy('log_lines.id')
    .limit(PAGE)
    .execute();
  const lines = rows.map((row) => fact(row, logLineOf(row)));
  if (lines.length === PAGE) upTo = (lines.at(-1) as LiveFact).position;
  const merged = [...facts, ...lines].filter((each) => compare(each.position, upTo) <= 0);
  return { facts: merged.sort((a, b) => compare(a.position, b.position)), upTo };
}

export function compare(a: Position, b: Position): number {
  return a.tx - b.tx || a.id - b.id;
}

/**
 * `from < position <= to`. Without transactions that commit out of order the id alone decides, and its index serves (for
 * the order, too: whoever is far behind must not have all of it sorted for every page).
 */
function between(table: 'events' | 'log_lines', from: Position, to: Position): Expression<SqlBool> {
  const id = sql.ref(`${table}.id`);
  if (to.tx === 0) return sql<SqlBool>`${id} > ${from.id} AND ${id} <= ${to.id}`;
  const tx = sql.ref(`${table}.tx`);
  return sql<SqlBool>`(${tx}, ${id}) > (${from.tx}, ${from.id}) AND (${tx}, ${id}) <= (${to.tx}, ${to.id})`;
}

function fact(
  row: { tx: number; id: number; project: string | null; provider_id: number; customer: string | null },
  event: JobEvent,
): LiveFact {
  return {
    position: { tx: row.tx, id: row.id },
    event,
    visibility: { project: row.project, providerId: row.provider_id, customer: row.customer },
  };
}

/** A position as `Last-Event-ID` carries it. */
export function formatPosition({ tx, id }: Position): string {
  return `${tx}-${id}`;
}

export function parsePosition(text: string): Position | undefined {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(text);
  const [tx, id] = [Number(match?.[1]), Number(match?.[2])];
  return Number.isSafeInteger(tx) && Number.isSafeInteger(id) ? { tx, id } : undefined;
}
