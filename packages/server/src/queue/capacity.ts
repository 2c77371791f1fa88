import type { LimitScope } from '@daybook/core';
import { type Kysely, sql } from 'kysely';
import type { Database, EngineProfile, Transaction } from '../storage/index.ts';
import type { Wanted } from './candidates.ts';
import { LIMITS_LOCK } from './limits.ts';

/** What of a job the limits ask for. */
interface Limited {
  readonly configuration_tag: string | null;
  readonly group_name: string | null;
}

/** How many more jobs may begin under each limit. Mutable: what is taken counts. */
export class Capacity {
  readonly #left: Record<LimitScope, Map<string, number>>;

  constructor(left: Record<LimitScope, Map<string, number>>) {
    this.#left = left;
  }

  /** What has no room left. */
  get full(): { fullConfigurations: string[]; fullGroups: string[] } {
    const full = (left: ReadonlyMap<string, number>) =>
      [...left].filter(([, room]) => room <= 0).map(([name]) => name);
    return { fullConfigurations: full(this.#left.configuration), fullGroups: full(this.#left.target_group) };
  }

  /** Takes the room for a job, if there is some under each limit that it falls under. */
  take({ configuration_tag: tag, group_name: group }: Limited): boolean {
    const { configuration, target_group } = this.#left;
    const ofTag = tag === null ? undefined : configuration.get(tag);
    const ofGroup = group === null ? undefined : target_group.get(group);
    if ((ofTag ?? 1) <= 0 || (ofGroup ?? 1) <= 0) return false;
    if (ofTag !== undefined) configuration.set(tag as string, ofTag - 1);
    if (ofGroup !== undefined) target_group.set(group as string, ofGroup - 1);
    return true;
  }
}

/**
 * The room that is left under the limits. Claims that fall under one count one after the other, so that two processes
 * do not both take the last place; while there are no limits, nobody waits for anybody. A parent whose own work is done
 * takes no room: its children need it.
 */
export async function loadCapacity(
  { db }: Transaction,
  profile: EngineProfile,
  wanted: readonly Pick<Wanted, 'configurations'>[],
): Promise<Capacity> {
  const before = await loadLimits(db, wanted);
  if (before.configuration.size + before.target_group.size === 0) return new Capacity(before);
  await profile.oneAtATime(db, LIMITS_LOCK);
  // Once more: whoever had the lock may have changed them.
  const left = await loadLimits(db, wanted);
  const running = await db
    .selectFrom('jobs')
    .leftJoin('targets', 'targets.name', 'jobs.target')
    .select(['jobs.configuration_tag', 'targets.group_name'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(sql<boolean>`jobs.status = 'running' AND jobs.execution = 'claimed'`)
    .where(sql<boolean>`NOT (jobs.ends_with_children = 1 AND jobs.lease_ended IS NOT NULL)`)
    .groupBy(['jobs.configuration_tag', 'targets.group_name'])
    .execute();
  for (const { configuration_tag, group_name, count } of running) {
    subtract(left.configuration, configuration_tag, Number(count));
    subtract(left.target_group, group_name, Number(count));
  }
  return new Capacity(left);
}

/** The limits that concern such claims, each with how many jobs may run under it. */
async function loadLimits(
  db: Kysely<Database>,
  wanted: readonly Pick<Wanted, 'configurations'>[],
): Promise<Record<LimitScope, Map<string, number>>> {
  const limits = await db.selectFrom('queue_limits').selectAll().execute();
  const tags = wanted.every(({ configurations }) => configurations !== undefined)
    ? new Set(wanted.flatMap(({ configurations }) => configurations ?? []))
    : undefined;
  const most: Record<LimitScope, Map<string, number>> = { configuration: new Map(), target_group: new Map() };
  for (const { scope, name, max } of limits)
    if (scope === 'target_group' || tags === undefined || tags.has(name))
      most[scope as LimitScope].set(name, max);
  return most;
}

function subtract(left: Map<string, number>, name: string | null, count: number): void {
  const room = name === null ? undefined : left.get(name);
  if (room !== undefined) left.set(name as string, room - count);
}
