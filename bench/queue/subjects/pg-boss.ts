import { PgBoss } from 'pg-boss';
import type { Application, Site, Subject } from '../subject.ts';

const QUEUE = 'no-op';
const BATCH = 500;
/** Its statement that settles jobs one by one grows faster than the batch: 500 at a time take three times as long. */
const SETTLED_BATCH = 50;
const WORKERS = 4;

/**
 * pg-boss, told what its documentation has for many short jobs (batches, fetching on while they come back full) and for
 * prompt ones (LISTEN/NOTIFY). `perJobResults` settles each job by itself; without it a batch succeeds or fails as one.
 */
export function pgBoss({ perJobResults }: { perJobResults: boolean }): Subject {
  return {
    name: perJobResults ? 'pg-boss, per-job results' : 'pg-boss',
    settings: `notify, batchSize ${perJobResults ? SETTLED_BATCH : BATCH}, burstWhenBatchFull, localConcurrency ${WORKERS}, max ${WORKERS + 1}${perJobResults ? ', perJobResults' : ''}`,
    recovery: '15 min (expireInSeconds 900; heartbeats are off by default)',
    async prepare(databaseUrl): Promise<Site> {
      const boss = new PgBoss(databaseUrl);
      await boss.start();
      await boss.createQueue(QUEUE, { notify: true });
      await boss.stop();
      return { address: { databaseUrl }, close: async () => {} };
    },
    async join(address) {
      const boss = new PgBoss({
        connectionString: address['databaseUrl'] as string,
        max: WORKERS + 1,
        useListenNotify: true,
      });
      boss.on('error', (error) => console.error(error));
      await boss.start();
      return new PgBossApplication(boss, perJobResults);
    },
  };
}

class PgBossApplication implements Application {
  readonly #boss: PgBoss;
  readonly #perJobResults: boolean;

  constructor(boss: PgBoss, perJobResults: boolean) {
    this.#boss = boss;
    this.#perJobResults = perJobResults;
  }

  async add(count: number, note: number): Promise<void> {
    const data = { note };
    if (count === 1) await this.#boss.send(QUEUE, data);
    else
      await this.#boss.insert(
        QUEUE,
        Array.from({ length: count }, () => ({ data })),
      );
  }

  async work(handle: (note: number) => Promise<void>): Promise<void> {
    const options = { batchSize: BATCH, localConcurrency: WORKERS, burstWhenBatchFull: true };
    if (this.#perJobResults)
      await this.#boss.work<{ note: number }>(
        QUEUE,
        { ...options, batchSize: SETTLED_BATCH, perJobResults: true },
        async (jobs) => {
          await Promise.all(jobs.map(({ data }) => handle(data.note)));
          return jobs.map(({ id }) => ({ id, status: 'completed' as const }));
        },
      );
    else
      await this.#boss.work<{ note: number }>(QUEUE, options, async (jobs) => {
        await Promise.all(jobs.map(({ data }) => handle(data.note)));
      });
  }

  async left(): Promise<number> {
    const { rows } = await this.#boss
      .getDb()
      .executeSql(
        `SELECT count(*)::int AS left FROM pgboss.job WHERE name = '${QUEUE}' AND state < 'completed'`,
      );
    return rows[0].left;
  }

  async leave(): Promise<void> {
    await this.#boss.stop();
  }
}
