import type { JobEvent, JobSummary } from '@daybook/core';
import type { StreamMessage } from './event-stream.ts';
import { deadAfter, type HubMessage, type LiveState, type TabMessage } from './protocol.ts';
import type { Connect, Connection, ConnectionEnd } from './stream-connection.ts';

/** A tab as the hub sees it: somewhere to send messages to. MessagePort is one. */
export interface Tab {
  postMessage(message: HubMessage): void;
}

/** What the hub needs of the world, so that its tests can bring their own. Times in ms. */
export interface HubWorld {
  readonly connect: Connect;
  now(): number;
  /** 0–1 */
  random(): number;
  /** Calls back once after `ms`; answers how to prevent it. */
  later(ms: number, call: () => void): () => void;
}

interface Member {
  logs: readonly number[];
  seenAt: number;
}

const firstRetry = 500;
const slowestRetry = 20_000;
/** Several views of one page ask one after the other; they share one reopening. */
const gatherFor = 50;
const sweepEvery = 30_000;

/**
 * One stream for all tabs of a browser: HTTP/1.1 allows six connections per host, and a person has more tabs than that.
 * It lives in a SharedWorker (worker.ts), or in the page where there are none. It resumes where it was, so a tab misses
 * nothing while the server restarts; log lines come only of the jobs that some tab follows.
 */
export class LiveHub {
  readonly #world: HubWorld;
  readonly #tabs = new Map<Tab, Member>();
  #state: LiveState = 'connecting';
  #connection: Connection | undefined;
  /** Where the open connection started to send log lines of. */
  #logs: readonly number[] = [];
  #position: string | undefined;
  #failures = 0;
  #cancelOpening: (() => void) | undefined;
  #cancelSweep: (() => void) | undefined;

  constructor(world: HubWorld) {
    this.#world = world;
  }

  get tabs(): number {
    return this.#tabs.size;
  }

  /** Takes a message of a tab. Any message of a tab that was given up makes it a member again. */
  receive(tab: Tab, message: TabMessage): void {
    switch (message.type) {
      case 'join':
        // Tabs join when somebody is signed in, so a session that was over is no more.
        if (this.#state === 'signed-out') this.#state = 'connecting';
        // The first tab may have loaded its page before the stream is open: whatever happens in between is told, too.
        if (this.#tabs.size === 0) this.#position = message.after ?? this.#position;
        this.#hear(tab, message.logs);
        break;
      case 'follow':
      case 'beat':
        this.#hear(tab, message.logs);
        break;
      case 'leave':
        this.#forget(tab);
        break;
      case 'signed-out':
        this.#signOut();
        break;
    }
  }

  #hear(tab: Tab, logs: readonly number[]): void {
    const isNew = !this.#tabs.has(tab);
    this.#tabs.set(tab, { logs, seenAt: this.#world.now() });
    if (isNew) tab.postMessage({ type: 'state', state: this.#state, logs: this.#logs });
    if (!this.#connection) {
      if (!this.#cancelOpening) this.#openSoon(0);
    } else if (logs.some((id) => !this.#logs.includes(id))) {
      this.#openSoon(gatherFor);
    }
    this.#sweepLater();
  }

  #forget(tab: Tab): void {
    this.#tabs.delete(tab);
    if (this.#tabs.size > 0) return;
    this.#close();
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#state = 'connecting';
  }

  #sweepLater(): void {
    this.#cancelSweep ??= this.#world.later(sweepEvery, () => {
      this.#cancelSweep = undefined;
      const oldest = this.#world.now() - deadAfter;
      for (const [tab, member] of this.#tabs) if (member.seenAt < oldest) this.#forget(tab);
      if (this.#tabs.size > 0) this.#sweepLater();
    });
  }

  #openSoon(ms: number): void {
    this.#cancelOpening?.();
    this.#cancelOpening = this.#world.later(ms, () => {
      this.#cancelOpening = undefined;
      this.#open();
    });
  }

  #open(): void {
    this.#connection?.close();
    this.#logs = [...new Set([...this.#tabs.values()].flatMap((member) => member.logs))].sort(
      (a, b) => a - b,
    );
    const query = new URLSearchParams();
    if (this.#logs.length > 0) query.set('log', this.#logs.join(','));
    if (this.#position !== undefined) query.set('after', this.#position);
    const text = query.toString();
    this.#connection = this.#world.connect(
      text === '' ? '/api/v1/stream' : `/api/v1/stream?${text}`,
      (message) => this.#read(message),
      (end) => this.#ended(end),
    );
  }

  #close(): void {
    this.#cancelOpening?.();
    this.#cancelOpening = undefined;
    this.#connection?.close();
    this.#connection = undefined;
  }

  #ended(end: ConnectionEnd): void {
    this.#connection = undefined;
    if (end === 'refused') {
      this.#signOut();
      return;
    }
    if (end === 'unknown-position' && this.#position !== undefined) {
      // Another database than before, restored from a backup perhaps: what was shown may never have happened.
      this.#position = undefined;
      this.#tell({ type: 'reset' });
    }
    this.#failures += 1;
    this.#say('away');
    this.#openSoon(this.#retryAfter());
  }

  /** Doubles with every failure, and spreads, so that a restarted server is not met by everybody at once. */
  #retryAfter(): number {
    const longest = Math.min(slowestRetry, firstRetry * 2 ** (this.#failures - 1));
    return longest * (0.5 + this.#world.random() / 2);
  }

  #signOut(): void {
    this.#close();
    // Whoever signs in next may be somebody else, so nothing is resumed.
    this.#position = undefined;
    this.#failures = 0;
    this.#say('signed-out');
    this.#tabs.clear();
  }

  #read(message: StreamMessage): void {
    if (message.id !== '') this.#position = message.id;
    switch (message.event) {
      case 'hello':
        this.#failures = 0;
        this.#say('live');
        break;
      case 'event':
        this.#tell({ type: 'event', event: JSON.parse(message.data) as JobEvent });
        break;
      case 'log':
        this.#tell({ type: 'log', event: JSON.parse(message.data) as JobEvent });
        break;
      case 'job':
        this.#tell({ type: 'job', job: JSON.parse(message.data) as JobSummary });
        break;
      case 'reset':
        this.#position = (JSON.parse(message.data) as { position: string }).position;
        this.#tell({ type: 'reset' });
        break;
    }
  }

  #say(state: LiveState): void {
    this.#state = state;
    this.#tell({ type: 'state', state, logs: this.#logs });
  }

  #tell(message: HubMessage): void {
    for (const tab of this.#tabs.keys()) tab.postMessage(message);
  }
}
