import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DaybookError } from '@daybook/core';
import type { Columns, Value } from '../bulk.ts';
import { objectsOf, type Rows } from './connection.ts';

/** What the writing thread does; rows and keys hold values in the order of the statement. */
export type Command =
  | { readonly kind: 'exec'; readonly sql: string }
  | { readonly kind: 'run'; readonly sql: string; readonly parameters: readonly Value[] }
  | { readonly kind: 'rows'; readonly sql: string; readonly keys: readonly (readonly Value[])[] }
  | { readonly kind: 'write'; readonly sql: string; readonly manySql?: string; readonly rows: Columns }
  | { readonly kind: 'close' };
export type Script = readonly Command[];
export type Answer = { readonly result: unknown } | { readonly error: { message: string; errcode?: number } };

/** Rows that are worth a message of their own. */
const MANY = 50;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js', import.meta.url),
);

/**
 * The one connection that writes, in a thread of its own: binding rows and waiting for the disk there leaves the event loop
 * to everybody who reads and reports meanwhile. What has no answer worth waiting for is sent with what comes next.
 */
export class SqliteWriter {
  readonly #file: string;
  #thread: Worker | undefined;
  #unsent: Command[] = [];
  #waiting: Waiting[] = [];
  /** Why this transaction cannot go on: its thread has died, and another would run the rest of it without its beginning. */
  #broken: Error | undefined;
  #closed = false;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Runs it before the next command that is waited for; a fault of it is thrown there, and nothing after it was run. Many
   * rows are sent at once, so that the thread writes them while we prepare what comes next.
   */
  later(command: Command): void {
    this.#unsent.push(command);
    // Its fault is the answer to everything that is sent behind it (see writer-thread.ts).
    if (command.kind === 'write' && command.rows.count >= MANY) this.#send().catch(() => undefined);
  }

  /** Runs it, after everything that was put off. */
  run<T>(command: Command): Promise<T> {
    this.#unsent.push(command);
    return this.#send() as Promise<T>;
  }

  #send(): Promise<unknown> {
    const commands = this.#unsent;
    this.#unsent = [];
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new DaybookError('unavailable', 'Daybook is stopping.'));
      if (this.#broken !== undefined) return reject(this.#broken);
      this.#thread ??= this.#start();
      this.#thread.postMessage(commands);
      // The process must not end before the answer.
      if (this.#waiting.length === 0) this.#thread.ref();
      this.#waiting.push({ resolve, reject });
    });
  }

  /** A transaction begins: what became of a thread before is over. */
  renew(): void {
    this.#unsent = [];
    this.#broken = undefined;
  }

  /** What a statement finds for each set of parameters, in their order. */
  async rows<Row>(sql: string, keys: readonly (readonly Value[])[]): Promise<Row[]> {
    return objectsOf(await this.run<Rows>({ kind: 'rows', sql, keys }));
  }

  /** Drops what was put off after this command, or all of it if that one was sent already. */
  forgetAfter(command: Command | undefined): void {
    const kept = command === undefined ? 0 : this.#unsent.indexOf(command) + 1;
    this.#unsent.length = kept;
  }

  async close(): Promise<void> {
    const closing = this.#thread === undefined ? undefined : this.run({ kind: 'close' });
    this.#closed = true;
    await closing;
  }

  #start(): Worker {
    const thread = new Worker(script, {
      workerData: this.#file,
      // Rows pass through; nothing stays.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    thread.on('message', (answer: Answer) => {
      const waiting = this.#waiting.shift();
      if (this.#waiting.length === 0) thread.unref();
      if ('error' in answer) waiting?.reject(Object.assign(new Error(answer.error.message), answer.error));
      else waiting?.resolve(answer.result);
    });
    const ended = (cause?: Error) => {
      if (thread !== this.#thread) return;
      this.#thread = undefined;
      const waiting = this.#waiting;
      this.#waiting = [];
      const error = new DaybookError(
        'unavailable',
        'The database could not be written to. Nothing was stored.',
        { cause },
      );
      this.#broken = error;
      for (const { reject } of waiting) reject(error);
    };
    thread.on('error', ended);
    thread.on('exit', () => ended());
    thread.unref();
    return thread;
  }
}
