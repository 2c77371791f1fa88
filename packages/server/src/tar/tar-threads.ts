import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DaybookError } from '@daybook/core';
import type { Found, LaneState } from './lane.ts';

export type LaneRole = 'index' | 'guess';

export type LaneCommand =
  | {
      readonly kind: 'open';
      readonly lane: number;
      readonly role: LaneRole;
      readonly memory: SharedArrayBuffer;
      readonly from?: LaneState;
    }
  | {
      readonly kind: 'remember';
      readonly lane: number;
      readonly paths: readonly string[];
      readonly kinds: readonly ('file' | 'directory')[];
    }
  | { readonly kind: 'take'; readonly lane: number; readonly from: number; readonly to: number }
  | { readonly kind: 'end' | 'close'; readonly lane: number };
/** What a lane has found, on its way between threads: see {@link packed}. */
export type PackedFound = Omit<Found, 'rows'> & { readonly rows: Uint8Array<ArrayBuffer> };
export interface LaneAnswer {
  readonly lane: number;
  /** Left out when it was closed. */
  readonly found?: PackedFound;
}

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './tar-thread.ts' : './tar-thread.js', import.meta.url),
);
/** How long threads wait for the next tar, milliseconds: one that is idle takes 15 MB. */
const IDLE = 2_000;
/**
 * Most memory for V8's objects in one, MB, old and young: what one piece is made of passes through, and names are kept outside. The
 * more there is, the longer what is left of pieces stays.
 */
const HEAP = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
/** More threads than this share the memory's bandwidth, not the work. */
const MOST = 8;

interface Thread {
  readonly worker: Worker;
  readonly lanes: Map<number, LaneEnd>;
}

interface LaneEnd {
  readonly waiting: { resolve(found: PackedFound): void; reject(error: Error): void }[];
}

/** What one thread does for one tar, as its main thread sees it. */
export interface LaneHandle {
  remember(paths: readonly string[], kinds: readonly ('file' | 'directory')[]): void;
  /** Bytes of the memory, which must not be written to before the answer. */
  take(from: number, to: number): Promise<PackedFound>;
  end(): Promise<PackedFound>;
  close(): void;
}

/**
 * Threads that parse and hash tars. Their lanes share nothing: two lanes of a tar both parse it, which costs little, and need no
 * message per member.
 */
export class TarThreads {
  readonly #most: number;
  readonly #threads: Thread[] = [];
  #lanes = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(most = Math.min(Math.max(2, availableParallelism()), MOST)) {
    this.#most = most;
  }

  open(role: LaneRole, memory: SharedArrayBuffer, from?: LaneState): LaneHandle {
    clearTimeout(this.#idle);
    const thread = this.#leastBusy();
    const lane = ++this.#lanes;
    const end: LaneEnd = { waiting: [] };
    thread.lanes.set(lane, end);
    const send = (command: LaneCommand) => thread.worker.postMessage(command);
    const ask = (command: LaneCommand) =>
      new Promise<PackedFound>((resolve, reject) => {
        if (!this.#threads.includes(thread)) return reject(gone());
        end.waiting.push({ resolve, reject });
        thread.worker.ref();
        send(command);
      });
    send({ kind: 'open', lane, role, memory, ...(from !== undefined && { from }) });
    return {
      remember: (paths, kinds) => send({ kind: 'remember', lane, paths, kinds }),
      take: (begin, to) => ask({ kind: 'take', lane, from: begin, to }),
      end: () => ask({ kind: 'end', lane }),
      close: () => {
        // What it was asked before is answered first.
        send({ kind: 'close', lane });
      },
    };
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #leastBusy(): Thread {
    const sorted = this.#threads.toSorted((a, b) => a.lanes.size - b.lanes.size);
    const [idlest] = sorted;
    if (idlest !== undefined && (idlest.lanes.size === 0 || sorted.length >= this.#most)) return idlest;
    return this.#start();
  }

  #start(): Thread {
    const thread: Thread = { worker: new Worker(script, { resourceLimits: HEAP }), lanes: new Map() };
    thread.worker.on('message', ({ lane, found }: LaneAnswer) => {
      if (found !== undefined) thread.lanes.get(lane)?.waiting.shift()?.resolve(found);
      else thread.lanes.delete(lane);
      if (thread.lanes.size === 0) this.#rest();
      if ([...thread.lanes.values()].every(({ waiting }) => waiting.length === 0)) thread.worker.unref();
    });
    const ended = (cause?: Error) => {
      const at = this.#threads.indexOf(thread);
      if (at >= 0) this.#threads.splice(at, 1);
      for (const { waiting } of thread.lanes.values())
        for (const { reject } of waiting.splice(0)) reject(gone(cause));
    };
    thread.worker.on('error', ended);
    thread.worker.on('exit', () => ended());
    thread.worker.unref();
    this.#threads.push(thread);
    return thread;
  }

  /** Lets all threads go when none has had anything to do for a while. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#threads.some(({ lanes }) => lanes.size > 0)) return;
    this.#idle = setTimeout(() => void this.close(), IDLE).unref();
  }
}

function gone(cause?: Error): DaybookError {
  return new DaybookError('unavailable', 'The thread that reads the bundle has ended. Send it again.', {
    cause,
  });
}
