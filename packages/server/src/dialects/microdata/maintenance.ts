import type { MaintenanceEntry } from '@daybook/core';
import { type Kysely, sql } from 'kysely';
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
  const { all } = await readStatus(db, now);
  const pause = all.find(concernsUs);
  if (pause !== undefined) return begun(pause);
  const [last] = await maintenanceHistory(db, now);
  return { ...(last as WireMaintenance), paused: false };
}

/** Every status there was, the newest first; the last of them is from when Daybook was set up. */
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
  return [...all, await firstStatus(db)];
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

/** One exists from the start (contracts/microdata.md). */
async function firstStatus(db: Kysely<Database>): Promise<WireMaintenance> {
  const { rows } = await sql<{ at: number }>`SELECT min(applied_at) AS at FROM schema_migrations`.execute(db);
  return { msg: 'Daybook was set up', paused: false, timestamp: wireTime(Number(rows[0]?.at ?? 0)) };
}
