import { Agent, get, type IncomingMessage } from 'node:http';
import type { RealServer } from '../bed/real-server.ts';

/** No limit on connections: every watcher is a browser of its own. */
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

/** One watcher of a real stream over a socket of its own, with as little work per message as can be. */
export class StreamWatcher {
  /** The messages of `link` facts, in the order in which they came, and when (milliseconds). */
  readonly said: string[] = [];
  readonly heardAt: number[] = [];
  lastId: string | undefined;
  readonly #server: Pick<RealServer, 'url' | 'key'>;
  readonly #query: string;
  #response: IncomingMessage | undefined;
  #rest = '';

  constructor(server: Pick<RealServer, 'url' | 'key'>, query: string) {
    this.#server = server;
    this.#query = query;
  }

  /** Connects, and resumes if it was connected before; resolves with the first message. */
  async open(): Promise<this> {
    const headers = {
      authorization: `Bearer ${this.#server.key}`,
      ...(this.lastId !== undefined && { 'last-event-id': this.lastId }),
    };
    this.#rest = '';
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${this.#server.url}/api/v1/stream?${this.#query}`, { agent, headers }, resolve).on(
        'error',
        reject,
      );
    });
    if (response.statusCode !== 200) throw new Error(`the stream was answered ${response.statusCode}`);
    this.#response = response;
    response.setEncoding('utf8').on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      response.on('data', (text: string) => {
        this.#take(text);
        resolve();
      });
      response.on('close', () => reject(new Error('the stream ended at once')));
    });
    return this;
  }

  /** Ends the connection as a lost network does. */
  cut(): void {
    this.#response?.destroy();
    this.#response = undefined;
  }

  #take(text: string): void {
    const now = performance.now();
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: (.*)$/m.exec(block)?.[1];
      if (id !== undefined) this.lastId = id;
      const message = block.startsWith('event: event') ? /"message":"([^"]*)"/.exec(block)?.[1] : undefined;
      if (message === undefined) continue;
      this.said.push(message);
      this.heardAt.push(now);
    }
  }
}
