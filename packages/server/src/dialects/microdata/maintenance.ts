import type { MaintenanceEntry } from '@daybook/core';
import type { Kysely } from 'kysely';
import { readHistory, readStatus } from '../../maintenance/maintenance.ts';
import type { Database } from '../../storage/index.ts';
import { recipe, wireTime } from './words.ts';

/** A maintenance status as this surface writes it. */
export interface WireMaintenance {
  readonly msg: string;
  readonly paused: boolean;
  readonly timestamp: string;
}

/** What counts now: the pause of our jobs, else what was said last. */
export async function maintenanceNow(db: Kysely<Database>, now: number): Promise<WireMaintenance> {
  const { all, latest } = await readStatus(db, now);
  const pause = all.find(concernsUs);
  if (pause !== undefined) return begun(pause);
  // Every executor asks for this every few seconds: the history is read only where a pause ended without a word.
  if (latest?.paused === false) return begun(latest);
  const [last] = await maintenanceHistory(db, now);
  return { ...(last as WireMaintenance), paused: false };
}

/** Every status there was, the newest first; the first one of all is made with the database. */
export async function maintenanceHistory(db: Kysely<Database>, now: number): Promise<WireMaintenance[]> {
  const entries: MaintenanceEntry[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await readHistory(db, { limit: 500, cursor }, now);
    entries.push(...items);
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  const said = new Set(entries.filter(({ paused }) => !paused).map(({ startsAt }) => startsAt));
  const all = entries.filter(concernsUs).flatMap((entry) => turnsOf(entry, said));
  all.sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0));
  return all;
}

function concernsUs({ configurations }: MaintenanceEntry): boolean {
  return configurations === null || configurations.includes(recipe.tag);
}

/** A window that began, and its end, unless somebody had a word of their own for that. */
function turnsOf(entry: MaintenanceEntry, said: ReadonlySet<string>): WireMaintenance[] {
  if (!entry.paused) return [begun(entry)];
  if (entry.state === 'scheduled' || entry.state === 'canceled') return [];
  const end = entry.state === 'over' ? (entry.endedAt ?? entry.endsAt) : null;
  if (end === null || said.has(end)) return [begun(entry)];
  return [{ msg: entry.reason, paused: false, timestamp: wireTime(Date.parse(end)) }, begun(entry)];
}

function begun({ reason, paused, startsAt }: MaintenanceEntry): WireMaintenance {
  return { msg: reason, paused, timestamp: wireTime(Date.parse(startsAt)) };
}
