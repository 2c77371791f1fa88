import pg from 'pg';

/** Channel of NOTIFY when facts were committed. */
export const FACTS_CHANNEL = 'daybook_facts';

/** Without a NOTIFY (a pooler in between, a lost connection) the tail is read this often, milliseconds. */
const POLL = 1_000;

/**
 * Hears of facts that any process has committed: LISTEN on a connection of its own, opened with the first listener, and a slow
 * poll in case a notification is lost. Listeners read what is new by themselves, so one call too many does no harm.
 */
export class FactsListener {
  readonly #url: string;
  readonly #listeners = new Set<() => void>();
  #client: pg.Client | undefined;
  #poll: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#client === undefined) void this.#connect();
    this.#poll ??= setInterval(() => this.#call(), POLL).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#poll);
      this.#poll = undefined;
    };
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'daybook-listen',
      keepAlive: true,
    });
    this.#client = client;
    client.on('notification', () => this.#call());
    client.on('error', () => this.#reconnect(client));
    client.on('end', () => this.#reconnect(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${FACTS_CHANNEL}`);
    } catch {
      this.#reconnect(client);
    }
  }

  #reconnect(lost: pg.Client): void {
    if (this.#closed || lost !== this.#client) return;
    this.#client = undefined;
    lost.removeAllListeners();
    lost.on('error', () => undefined);
    void lost.end().catch(() => undefined);
    setTimeout(() => {
      if (!this.#closed && this.#client === undefined) void this.#connect();
    }, POLL).unref();
  }

  #call(): void {
    for (const listener of this.#listeners) listener();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    this.#client?.removeAllListeners();
    this.#client?.on('error', () => undefined);
    await this.#client?.end().catch(() => undefined);
  }
}
