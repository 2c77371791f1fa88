import { setTimeout as wait } from 'node:timers/promises';
import { DaybookError } from '@daybook/core';
import type { Transaction } from '../store.ts';
import { isBusy, type SqliteConnection } from './connection.ts';

interface Task {
  work(transaction: Transaction): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** How long a short direct write of another process (`daybook key create`) is waited for, milliseconds. */
const BUSY_LIMIT = 10_000;

/**
 * Group commit: writes that arrive while another commit is going on, or in the same turn of the event loop, share one
 * transaction and one fsync. Each is a savepoint, so one that fails takes nothing of the others with it.
 */
export class WriteQueue {
  readonly #connection: SqliteConnection;
  readonly #transaction: Transaction;
  #tasks: Task[] = [];
  #draining: Promise<void> | undefined;

  constructor(connection: SqliteConnection, transaction: Transaction) {
    this.#connection = connection;
    this.#transaction = transaction;
  }

  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#tasks.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#tasks.length > 0) {
      // Everything that this turn of the event loop has read from the network may join.
      await new Promise((resolve) => setImmediate(resolve));
      const tasks = this.#tasks;
      this.#tasks = [];
      await this.#commit(tasks);
    }
    this.#draining = undefined;
  }

  async #commit(tasks: readonly Task[]): Promise<void> {
    const outcomes: (() => void)[] = [];
    try {
      await this.#begin();
      for (const task of tasks) outcomes.push(await this.#attempt(task, tasks.length > 1));
      this.#connection.exec('COMMIT');
    } catch (error) {
      this.#rollback();
      for (const task of tasks) task.reject(storageError(error));
      return;
    }
    for (const settle of outcomes) settle();
  }

  /** A busy wait inside SQLite would freeze the event loop, so a lock of another process is waited for here. */
  async #begin(): Promise<void> {
    for (let waited = 0, pause = 2; ; waited += pause, pause = Math.min(pause * 2, 100)) {
      try {
        this.#connection.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || waited > BUSY_LIMIT) throw error;
      }
      await wait(pause);
    }
  }

  async #attempt(task: Task, shared: boolean): Promise<() => void> {
    if (!shared) {
      const value = await task.work(this.#transaction);
      return () => task.resolve(value);
    }
    this.#connection.exec('SAVEPOINT task');
    try {
      const value = await task.work(this.#transaction);
      this.#connection.exec('RELEASE task');
      return () => task.resolve(value);
    } catch (error) {
      this.#undo(error);
      return () => task.reject(storageError(error));
    }
  }

  /** Takes back the writes of one task. */
  #undo(why: unknown): void {
    try {
      this.#connection.exec('ROLLBACK TO task; RELEASE task');
    } catch {
      // A full disk ends the whole transaction, so nobody's write may be taken for done.
      throw why;
    }
  }

  #rollback(): void {
    try {
      this.#connection.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself (disk full, I/O error).
    }
  }
}

/** Errors of SQLite that the caller can understand; everything else stays what it is. */
function storageError(error: unknown): unknown {
  const code = (error as { errcode?: number } | null)?.errcode;
  if (code === undefined) return error;
  const primary = code & 0xff;
  if (primary === 13)
    return new DaybookError('unavailable', 'The disk is full. Nothing of this request was stored.', {
      cause: error,
    });
  if (primary === 10)
    return new DaybookError('unavailable', 'The disk fails. Nothing of this request was stored.', {
      cause: error,
    });
  if (isBusy(error))
    return new DaybookError('unavailable', 'Another process holds the database. Try again.', {
      cause: error,
    });
  return error;
}
