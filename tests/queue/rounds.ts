import { setTimeout as wait } from 'node:timers/promises';
import type { Job } from '@daybook/core';
import { sql } from 'kysely';
import { findDifferences } from '../../packages/server/src/jobs/replay.ts';
import { openPostgres, openSqlite, type Store } from '../../packages/server/src/storage/index.ts';
import { RealServer } from '../bed/real-server.ts';
import { CrewMember } from './crew.ts';

/** What many rounds of trouble left behind; every list is empty when nothing went wrong. */
export interface Verdict {
  readonly jobs: number;
  /** Tries that there were in all: more than jobs, or the trouble troubled nobody. */
  readonly attempts: number;
  readonly lost: number;
  /** Jobs that did not end as succeeded, and once. */
  readonly wrongEnds: readonly unknown[];
  /** What a worker said that did not hold the job at that moment. */
  readonly staleWrites: readonly unknown[];
  /** What was applied to a job after its end. */
  readonly lateWrites: readonly unknown[];
  /** Where rows differ from the replay of their events. */
  readonly differences: readonly unknown[];
  /** What workers complained of. */
  readonly complaints: readonly string[];
}

const WORKERS = 20;
const LEASE_SECONDS = 1;
const LONGEST_JOB = 1_000;
/** Jobs that are offered in each round: about what the workers can do, so that most of them are at one. */
const JOBS_PER_ROUND = 5;
/** A frozen worker is away for longer than its lease. */
const FROZEN = 2_500;

/** Twenty workers under random trouble: killed, frozen beyond their lease, and a server that dies and comes back. */
export async function queueRounds(rounds: number, postgresUrl?: string): Promise<Verdict> {
  const server = await RealServer.open({
    ...(postgresUrl && { postgresUrl }),
    flags: ['--log-level', 'error', '--lease-seconds', String(LEASE_SECONDS)],
  });
  const crew = new Crew(server);
  try {
    await offerWork(server);
    await crew.ready();
    const ids: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ids.push(...(await offerJobs(server, JOBS_PER_ROUND)));
      await wait(50 + Math.random() * 200);
      await trouble(crew, server, round);
    }
    await crew.recover();
    await untilEnded(server);
    await crew.dismiss();
    return { jobs: ids.length, complaints: crew.complaints, ...(await inDatabase(server, judge)) };
  } finally {
    await crew.kill();
    await server.remove();
  }
}

async function trouble(crew: Crew, server: RealServer, round: number): Promise<void> {
  if (round % 10 === 9) {
    // Now and then politely; mostly not.
    await (round % 30 === 29 ? server.stop() : server.kill());
    await server.start();
  } else if (round % 2 === 0) {
    await crew.replaceOne();
  } else {
    crew.freezeOne();
  }
}

/** The workers, of which there are always twenty. */
class Crew {
  readonly #server: RealServer;
  #members: CrewMember[];
  readonly #frozen = new Map<CrewMember, NodeJS.Timeout>();
  #hired = 0;
  readonly complaints: string[] = [];

  constructor(server: RealServer) {
    this.#server = server;
    this.#members = Array.from({ length: WORKERS }, () => this.#hire());
  }

  async ready(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.printed('ready')));
  }

  #hire(): CrewMember {
    this.#hired += 1;
    return new CrewMember(this.#server, `worker ${this.#hired}`, LONGEST_JOB);
  }

  async replaceOne(): Promise<void> {
    const [member] = this.#members.splice(Math.floor(Math.random() * this.#members.length), 1);
    await this.#letGo(member as CrewMember, 'kill');
    this.#members.push(this.#hire());
  }

  freezeOne(): void {
    const awake = this.#members.filter((member) => !this.#frozen.has(member));
    const member = awake[Math.floor(Math.random() * awake.length)] as CrewMember;
    member.freeze();
    const thaw = () => {
      this.#frozen.delete(member);
      member.thaw();
    };
    this.#frozen.set(member, setTimeout(thaw, FROZEN));
  }

  /** All of them are awake again, those that ended by themselves replaced. */
  async recover(): Promise<void> {
    for (const [member, timer] of this.#frozen) {
      clearTimeout(timer);
      member.thaw();
    }
    this.#frozen.clear();
    for (const member of this.#members)
      if (!member.lives) this.complaints.push(`${member.name} ended by itself: ${member.complaints}`);
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#letGo(member, 'stop')));
    this.#members = [];
  }

  async kill(): Promise<void> {
    for (const timer of this.#frozen.values()) clearTimeout(timer);
    await Promise.all(this.#members.map((member) => member.kill()));
  }

  async #letGo(member: CrewMember, how: 'kill' | 'stop'): Promise<void> {
    clearTimeout(this.#frozen.get(member));
    this.#frozen.delete(member);
    await member[how]();
    if (member.complaints !== '') this.complaints.push(member.complaints);
  }
}

/** The recipe of the jobs: workers ask for it by its tag. */
export async function offerWork(server: RealServer): Promise<void> {
  const steps = [1, 2, 3].map((part) => ({ tag: `part ${part}`, name: `Part ${part}`, points: 1 }));
  const { status, text } = await server.ask('POST', '/configurations', {
    tag: 'work',
    name: 'Work',
    version: '1',
    steps,
  });
  if (status >= 300) throw new Error(`the configuration was answered ${status}: ${text}`);
}

/** Answers their ids. Losses must not be what ends them: under this trouble a job may be unlucky often. */
export async function offerJobs(server: RealServer, count: number, more: object = {}): Promise<number[]> {
  const job = { name: 'job', configuration: 'work', execution: 'claimed', maxAttempts: 1_000, ...more };
  const { status, text, body } = await server.ask('POST', '/jobs', { jobs: Array(count).fill(job) });
  if (status >= 300) throw new Error(`the jobs were answered ${status}: ${text}`);
  return (body as { items: Job[] }).items.map(({ id }) => id);
}

/** However long the queue has become: on a starved machine the workers do less than is offered. Some job must end. */
async function untilEnded(server: RealServer): Promise<void> {
  let [fewest, deadline] = [Number.POSITIVE_INFINITY, 0];
  for (;;) {
    const { body } = await server.ask('GET', '/jobs?status=queued,running&limit=1&total=true');
    const { total } = body as { total: number };
    if (total === 0) return;
    if (total < fewest) [fewest, deadline] = [total, Date.now() + 120_000];
    if (Date.now() > deadline) throw new Error(`${total} jobs have not ended`);
    await wait(200);
  }
}

export async function inDatabase<T>(
  { location }: RealServer,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = location.startsWith('postgres:')
    ? openPostgres({ url: location })
    : openSqlite({ file: location });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

type Judged = Omit<Verdict, 'jobs' | 'complaints'>;

async function judge(store: Store): Promise<Judged> {
  const jobs = await store.read.selectFrom('jobs').select(['id', 'status', 'attempt', 'losses']).execute();
  const events = await store.bulk
    .selectFrom('events')
    .select(['id', 'job_id', 'kind', 'status', 'attempt', 'message', 'metadata', 'unapplied'])
    .orderBy('id')
    .execute();
  const applied = events.filter(({ unapplied }) => unapplied === null);
  const ends = new Map<number, number[]>();
  for (const { id, job_id, kind, status } of applied)
    if (kind === 'status' && isEnd(status)) ends.set(job_id, [...(ends.get(job_id) ?? []), id]);
  const differences: unknown[] = [];
  const ids = jobs.map(({ id }) => id);
  for (let from = 0; from < ids.length; from += 100)
    differences.push(...(await store.snapshot((db) => findDifferences(db, ids.slice(from, from + 100)))));
  return {
    attempts: jobs.reduce((sum, { attempt }) => sum + attempt, 0),
    lost: await countLosses(store),
    wrongEnds: jobs.filter(({ id, status }) => status !== 'succeeded' || ends.get(id)?.length !== 1),
    staleWrites: applied.filter((event) => {
      const said = attemptSaid(event);
      return said !== undefined && said !== event.attempt;
    }),
    lateWrites: applied.filter(({ id, job_id }) => id > (ends.get(job_id)?.[0] ?? Number.POSITIVE_INFINITY)),
    differences,
  };
}

function isEnd(status: string | null): boolean {
  return status !== null && ['finished', 'succeeded', 'failed', 'other', 'canceled'].includes(status);
}

/** Which attempt a worker believed to be in when it said this. */
function attemptSaid({
  message,
  metadata,
}: {
  message: string | null;
  metadata: unknown;
}): number | undefined {
  const inMessage = /^attempt (\d+)$/.exec(message ?? '')?.[1];
  if (inMessage !== undefined) return Number(inMessage);
  const { said, doneBy } = (typeof metadata === 'string' ? JSON.parse(metadata) : (metadata ?? {})) as {
    said?: number;
    doneBy?: number;
  };
  return said ?? doneBy;
}

/** How often a job went back to the queue. */
async function countLosses(store: Store): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM events WHERE kind = 'status' AND status = 'queued' AND cause = 'requeue'`.execute(
    store.bulk,
  );
  return Number(rows[0]?.n);
}
