import { Logger, type Runner, run, runMigrations } from 'graphile-worker';
import pg from 'pg';
import type { Application, Site, Subject } from '../subject.ts';

const CONCURRENCY = 24;
const TASK = 'no-op';
const quiet = new Logger(() => () => undefined);

/** graphile-worker as its documentation's page on performance sets it up, with its batching and without. */
export function graphileWorker({ batched }: { batched: boolean }): Subject {
  const batching = batched
    ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
    : { localQueue: { size: -1 }, completeJobBatchDelay: -1, failJobBatchDelay: -1 };
  return {
    name: `graphile-worker, ${batched ? 'batched' : 'not batched'}`,
    settings: `concurrentJobs ${CONCURRENCY}, maxPoolSize ${CONCURRENCY + 1}, ${batched ? 'localQueue 500, completeJobBatchDelay 0' : 'batching off, as by default'}`,
    recovery: '4 h',
    async prepare(databaseUrl): Promise<Site> {
      await runMigrations({ connectionString: databaseUrl, logger: quiet });
      return { address: { databaseUrl }, close: async () => {} };
    },
    async join(address) {
      return new GraphileApplication(address['databaseUrl'] as string, batching);
    },
  };
}

class GraphileApplication implements Application {
  readonly #url: string;
  readonly #batching: object;
  readonly #pool: pg.Pool;
  #runner: Runner | undefined;

  constructor(url: string, batching: object) {
    this.#url = url;
    this.#batching = batching;
    this.#pool = new pg.Pool({ connectionString: url, max: 2 });
  }

  async add(count: number, note: number): Promise<void> {
    const { rowCount } =
      count === 1
        ? await this.#pool.query('SELECT graphile_worker.add_job($1, $2::json)', [
            TASK,
            JSON.stringify({ note }),
          ])
        : await this.#pool.query(
            `SELECT 1 FROM graphile_worker.add_jobs(ARRAY(SELECT json_populate_record(
               NULL::graphile_worker.job_spec, json_build_object('identifier', $1::text, 'payload', $2::json))
             FROM generate_series(1, $3)))`,
            [TASK, JSON.stringify({ note }), count],
          );
    if (rowCount !== count) throw new Error(`${rowCount} of ${count} jobs were added`);
  }

  async work(handle: (note: number) => Promise<void>): Promise<void> {
    this.#runner = await run({
      preset: {
        worker: {
          connectionString: this.#url,
          concurrentJobs: CONCURRENCY,
          maxPoolSize: CONCURRENCY + 1,
          ...this.#batching,
        },
      },
      noHandleSignals: true,
      logger: quiet,
      taskList: { [TASK]: (payload) => handle((payload as { note: number }).note) },
    });
  }

  async left(): Promise<number> {
    // What is done is deleted.
    const { rows } = await this.#pool.query(
      'SELECT count(*)::int AS left FROM graphile_worker._private_jobs',
    );
    return rows[0].left;
  }

  async leave(): Promise<void> {
    await this.#runner?.stop();
    await this.#pool.end();
  }
}
