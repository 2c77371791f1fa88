import pg from 'pg';
import { Member } from './crew.ts';
import { processorTime } from './processor-time.ts';
import type { Site, Subject } from './subject.ts';

export interface Drained {
  readonly perSecond: number;
  /** Microseconds of processor time per job, by who spent it. */
  readonly cpu: { readonly application: number; readonly server: number; readonly database: number };
}

/**
 * How fast one application process works off `count` no-op jobs that wait already, after it has worked off `warmUp`
 * others: a worker lives for days, and its first second says how fast JavaScript is compiled.
 */
export async function drain(
  subject: Subject,
  site: Site,
  {
    count,
    warmUp,
    databaseUrl,
    postmaster,
  }: { count: number; warmUp: number; databaseUrl: string; postmaster: number },
): Promise<Drained> {
  const member = await Member.join(subject, site);
  if (warmUp > 0) {
    member.order({ kind: 'warm', count: warmUp });
    await member.hear('warmed');
  }
  member.order({ kind: 'add', count });
  await member.hear('added');
  await settle(databaseUrl);
  const before = { server: timeOf(site.server), database: processorTime(postmaster) };
  member.order({ kind: 'drain', count });
  const { milliseconds, cpuMilliseconds } = await member.hear('drained');
  const spent = {
    application: cpuMilliseconds,
    server: timeOf(site.server) - before.server,
    database: processorTime(postmaster) - before.database,
  };
  await member.leave();
  const each = (spentMs: number) => (spentMs * 1_000) / count;
  return {
    perSecond: (count * 1_000) / milliseconds,
    cpu: {
      application: each(spent.application),
      server: each(spent.server),
      database: each(spent.database),
    },
  };
}

/** What adding the jobs left for later must not be done during the drain; and the planner knows the tables. */
async function settle(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
  await client.end();
}

function timeOf(pid: number | undefined): number {
  return pid === undefined ? 0 : processorTime(pid);
}

/** Milliseconds from before one job is added to an idle queue until its handler starts. */
export async function latency(subject: Subject, site: Site, samples: number): Promise<number[]> {
  const member = await Member.join(subject, site);
  member.order({ kind: 'latency', samples });
  const { milliseconds } = await member.hear('latencies');
  await member.leave();
  return [...milliseconds].sort((a, b) => a - b);
}

/**
 * Milliseconds from the `kill -9` of a worker that holds a job until a second one, which waits already, starts it;
 * undefined if that took longer than `cap` milliseconds.
 */
export async function recovery(subject: Subject, site: Site, cap: number): Promise<number | undefined> {
  const victim = await Member.join(subject, site);
  victim.order({ kind: 'hold' });
  await victim.hear('working');
  const held = victim.hear('started');
  victim.order({ kind: 'add', count: 1 });
  await held;
  const heir = await Member.join(subject, site);
  heir.order({ kind: 'hold' });
  await heir.hear('working');
  await victim.kill();
  const begin = performance.now();
  const timeout = AbortSignal.timeout(cap);
  const taken = await Promise.race([
    heir.hear('started').then(() => performance.now() - begin),
    new Promise<undefined>((resolve) => timeout.addEventListener('abort', () => resolve(undefined))),
  ]);
  await heir.kill();
  return taken;
}
