import { PassThrough } from 'node:stream';
import type { JobEvent, JobSummary, Scope } from '@daybook/core';
import type { Store } from '../../storage/index.ts';
import { parsePosition } from '../read-facts.ts';
import type { Tail } from '../tail.ts';
import { type Interest, Watcher } from '../watcher.ts';

export interface Message {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: JobEvent & JobSummary & { position: string };
}

/** One connection of a watcher, over a real stream instead of a socket. */
export class StreamReader {
  readonly messages: Message[] = [];
  readonly outlet = new PassThrough();
  readonly watcher: Watcher;
  dropped = false;
  #rest = '';
  #lastId: string | undefined;
  #onMessage: () => void = () => undefined;

  constructor(
    parts: { store: Store; tail: Tail; scope?: Scope; outside?: boolean; interest?: Partial<Interest> },
    options: { reads?: boolean | 'slowly' } = {},
  ) {
    this.watcher = new Watcher({
      store: parts.store,
      tail: parts.tail,
      scope: parts.scope ?? { all: true, projects: [], providerId: 0, customers: [] },
      outside: parts.outside ?? false,
      interest: { filter: {}, logJobs: [], ...parts.interest },
      outlet: this.outlet,
      onDrop: () => {
        this.dropped = true;
      },
    });
    this.outlet.on('error', () => undefined);
    this.outlet.on('close', () => this.#onMessage());
    if (options.reads !== false) this.#read(options.reads === 'slowly');
  }

  /** Slowly: a piece per turn of the event loop, as a network does. */
  #read(slowly: boolean): void {
    this.outlet.setEncoding('utf8');
    this.outlet.on('data', (text: string) => {
      this.#take(text);
      if (!slowly) return;
      this.outlet.pause();
      setImmediate(() => this.outlet.resume());
    });
  }

  async start(after?: string): Promise<this> {
    await this.watcher.start(after === undefined ? undefined : parsePosition(after));
    return this;
  }

  /** Ends the connection at once, as a lost network does. */
  cut(): void {
    this.watcher.stop();
    this.outlet.destroy();
  }

  /** Resolves as soon as the condition holds; the test's own timeout is the limit. */
  async until(condition: (reader: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => (this.#onMessage = resolve));
  }

  get facts(): JobEvent[] {
    return this.messages.filter(({ event }) => event === 'event' || event === 'log').map(({ data }) => data);
  }

  /**
   * The messages of links and log lines. On PostgreSQL a reader may be told of jobs that were made just before it came:
   * the horizon waits for whatever transaction runs anywhere on the server.
   */
  get said(): string[] {
    return this.facts.flatMap(({ message }) => message ?? []);
  }

  /** What a client sends as Last-Event-ID. */
  get lastId(): string | undefined {
    return this.#lastId;
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
      const data = fields.get('data');
      this.#lastId = fields.get('id') ?? this.#lastId;
      if (data === undefined) continue;
      this.messages.push({ event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(data) });
    }
    this.#onMessage();
  }
}
