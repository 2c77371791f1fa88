import { Daybook, type WorkerHandle } from '@daybook/sdk';
import { startDaybook } from '../../load/processes.ts';
import type { Address, Application, Site, Subject } from '../subject.ts';

/** Jobs that one request may create. */
const PER_REQUEST = 1_000;

/** `daybook serve` with its default settings, and the sdk's worker loop. */
export function daybookHttp(engine: 'sqlite' | 'postgres', concurrency: number): Subject {
  return {
    name: `daybook ${engine}, http, ${concurrency}`,
    settings: `daybook serve; sdk worker, concurrency ${concurrency}`,
    recovery: 'within 15 s (lease of 9 s, renewed every 3 s)',
    async prepare(databaseUrl): Promise<Site> {
      const server = await startDaybook(engine === 'postgres' ? databaseUrl : undefined);
      const authorization = server.headers['authorization'] as string;
      return {
        address: { url: `http://127.0.0.1:${server.port}`, apiKey: authorization.slice('Bearer '.length) },
        server: server.process.pid as number,
        close: () => server.stop(),
      };
    },
    async join(address) {
      return new HttpApplication(address, concurrency);
    },
  };
}

class HttpApplication implements Application {
  readonly #address: Address;
  readonly #daybook: Daybook;
  readonly #concurrency: number;
  #worker: WorkerHandle | undefined;
  #left = 0;

  constructor(address: Address, concurrency: number) {
    this.#address = address;
    this.#daybook = new Daybook(address);
    this.#concurrency = concurrency;
  }

  async add(count: number, note: number): Promise<void> {
    const job = { name: 'no-op', execution: 'claimed', parameters: { note } };
    for (let from = 0; from < count; from += PER_REQUEST) {
      const jobs = Array.from({ length: Math.min(PER_REQUEST, count - from) }, () => job);
      this.#left += jobs.length;
      const response = await fetch(`${this.#address['url']}/api/v1/jobs`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#address['apiKey']}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(count === 1 ? job : { jobs }),
      });
      if (!response.ok) throw new Error(await response.text());
      await response.arrayBuffer();
    }
  }

  async work(handle: (note: number) => Promise<void>): Promise<void> {
    this.#worker = this.#daybook.worker({ concurrency: this.#concurrency }, ({ parameters }) =>
      handle(parameters?.['note'] as number),
    );
    // It is told after the server has answered that the end is durable.
    this.#worker.on('end', (_, { outcome, error }) => {
      if (outcome !== 'succeeded') throw new Error(`a no-op job ended as ${outcome}: ${error}`);
      this.#left -= 1;
    });
  }

  async left(): Promise<number> {
    return this.#left;
  }

  async leave(): Promise<void> {
    await this.#worker?.stop();
  }
}
