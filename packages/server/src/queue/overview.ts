import { type QueueLimit, type QueueOverview, type Scope, toIso } from '@daybook/core';
import { type Kysely, type SqlBool, sql } from 'kysely';
import { isoOrNull } from '../jobs/job-rows.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import { isPaused, pausedConfigurations } from '../maintenance/gate.ts';
import type { Database } from '../storage/index.ts';
import { readLimits } from './limits.ts';

/** How far back rates go: minutes, and milliseconds of one. */
const MINUTES = 15;
const MINUTE = 60_000;
/** Running jobs that are shown with their workers at most. */
const MOST_RUNNING = 2_000;

type Entry = QueueOverview['configurations'][number];

/**
 * The queue as somebody sees it: counts of the jobs that the scope sees, and the limits that bear on these. For
 * `store.people`: it may take a while.
 */
export async function queueOverview(
  db: Kysely<Database>,
  scope: Scope,
  now: number,
): Promise<Omit<QueueOverview, 'idle'>> {
  const all = await readLimits(db);
  const maxOf = new Map(
    all.flatMap(({ scope: about, name, max }) => (about === 'configuration' ? [[name, max] as const] : [])),
  );
  const paused = await pausedConfigurations({ db }, now);
  const unpausable = await tagsOf(db, paused.unpausable);
  const entries = new Map<string | null, Entry>();
  const entryOf = (tag: string | null): Entry => {
    let entry = entries.get(tag);
    if (entry === undefined) {
      const limit = tag === null ? null : (maxOf.get(tag) ?? null);
      entry = { ...idle(), tag, limit, paused: !unpausable.has(tag) && isPaused(paused, tag, null) };
      entries.set(tag, entry);
    }
    return entry;
  };
  for (const row of await countActive(db, scope, now)) {
    const entry = entryOf(row.tag);
    entry.waiting += Number(row.waiting);
    entry.scheduled += Number(row.scheduled);
    entry.running += Number(row.running);
    entry.oldestWaitingAt = isoOrNull(row.oldest);
  }
  for (const [moment, rate] of [
    ['submitted_at', 'inPerMinute'],
    ['ended_at', 'outPerMinute'],
  ] as const)
    for (const { tag, minute, count } of await countPerMinute(db, scope, moment, now))
      add(entryOf(tag)[rate], Math.min(Number(minute), MINUTES - 1), Number(count));
  if (scope.all) for (const tag of maxOf.keys()) entryOf(tag);
  const groups = await groupsOf(db, scope);
  const bears = ({ scope: about, name }: QueueLimit) =>
    about === 'configuration' ? entries.has(name) : groups.has(name);
  return {
    paused: paused.all,
    configurations: [...entries.values()].sort((a, b) => (a.tag ?? '').localeCompare(b.tag ?? '')),
    workers: await workersOf(db, scope),
    stalled: await countStalled(db, scope),
    limits: scope.all ? all : all.filter(bears),
  };
}

function add(perMinute: number[], minute: number, count: number): void {
  perMinute[minute] = (perMinute[minute] ?? 0) + count;
}

async function tagsOf(db: Kysely<Database>, ids: ReadonlySet<number>): Promise<Set<string | null>> {
  if (ids.size === 0) return new Set();
  const rows = await db
    .selectFrom('configurations')
    .select('tag')
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map((row) => row.tag));
}

/** The groups of the targets that jobs hold which the scope sees: who runs what elsewhere is not theirs to know. */
async function groupsOf(db: Kysely<Database>, scope: Scope): Promise<Set<string | null>> {
  const rows = await db
    .selectFrom('jobs')
    .innerJoin('targets', 'targets.active_job_id', 'jobs.id')
    .select('targets.group_name')
    .distinct()
    .where('targets.group_name', 'is not', null)
    .where((eb) => visibleJobs(scope)(eb as never))
    .execute();
  return new Set(rows.map((row) => row.group_name));
}

function idle(): Omit<Entry, 'tag' | 'limit' | 'paused'> {
  const none = () => Array.from({ length: MINUTES }, () => 0);
  return {
    waiting: 0,
    scheduled: 0,
    running: 0,
    oldestWaitingAt: null,
    inPerMinute: none(),
    outPerMinute: none(),
  };
}

async function countActive(db: Kysely<Database>, scope: Scope, now: number) {
  const due = sql`(run_after IS NULL OR run_after <= ${now})`;
  return db
    .selectFrom('jobs')
    .select([
      'configuration_tag as tag',
      sql<number>`count(CASE WHEN status = 'queued' AND ${due} THEN 1 END)`.as('waiting'),
      sql<number>`count(CASE WHEN status = 'queued' AND NOT ${due} THEN 1 END)`.as('scheduled'),
      sql<number>`count(CASE WHEN status = 'running' THEN 1 END)`.as('running'),
      sql<
        number | null
      >`min(CASE WHEN status = 'queued' AND ${due} THEN coalesce(run_after, submitted_at) END)`.as('oldest'),
    ])
    .where(sql<SqlBool>`status IN ('queued', 'running') AND execution = 'claimed'`)
    .where(visibleJobs(scope))
    .groupBy('configuration_tag')
    .execute();
}

async function countPerMinute(
  db: Kysely<Database>,
  scope: Scope,
  moment: 'submitted_at' | 'ended_at',
  now: number,
) {
  const from = now - MINUTES * MINUTE;
  // Literals: PostgreSQL takes two parameters for two expressions, whatever their values.
  const minute = sql<number>`(${sql.ref(moment)} - ${sql.lit(from)}) / ${sql.lit(MINUTE)}`;
  return db
    .selectFrom('jobs')
    .select(['configuration_tag as tag', minute.as('minute'), (eb) => eb.fn.countAll<number>().as('count')])
    .where(moment, '>=', from)
    .where(moment, '<=', now)
    .where(sql<SqlBool>`execution = 'claimed'`)
    .where(visibleJobs(scope))
    .groupBy(['configuration_tag', minute])
    .execute();
}

async function workersOf(db: Kysely<Database>, scope: Scope): Promise<QueueOverview['workers']> {
  const rows = await db
    .selectFrom('jobs')
    .select(['id', 'name', 'step', 'progress', 'worker', 'claimed_at', 'lease_expires_at', 'seen_at'])
    .where('status', '=', 'running')
    .where('lease_expires_at', 'is not', null)
    .where(visibleJobs(scope))
    .orderBy('id')
    .limit(MOST_RUNNING)
    .execute();
  const workers = Map.groupBy(rows, (row) => row.worker ?? '');
  return [...workers]
    .map(([worker, jobs]) => ({
      worker,
      jobs: jobs.map((row) => ({
        id: row.id,
        name: row.name,
        step: row.step,
        progress: row.progress,
        claimedAt: toIso(row.claimed_at as number),
        leaseExpiresAt: toIso(row.lease_expires_at as number),
      })),
      lastHeartbeatAt: toIso(Math.max(...jobs.map((row) => row.seen_at))),
    }))
    .sort((a, b) => a.worker.localeCompare(b.worker));
}

/**
 * Silent jobs as the list of jobs knows them. A lease that has run out is none: its job is taken back within seconds, and
 * its end stands beside the worker.
 */
async function countStalled(db: Kysely<Database>, scope: Scope): Promise<number> {
  const row = await db
    .selectFrom('jobs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'running')
    .where('stalled', '=', 1)
    .where(visibleJobs(scope))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
