import { DaybookError } from '@daybook/core';
import type { Transaction, WriteOptions } from '../store.ts';
import { isBusy } from './connection.ts';
import type { SqliteTransaction } from './transaction.ts';

interface Task {
  readonly first: boolean;
  work(transaction: Transaction): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Group commit: writes that arrive while another commit is going on, or in the same turn of the event loop, share one
 * transaction and one fsync. Each is a savepoint, so one that fails takes nothing of the others with it.
 */
export class WriteQueue {
  readonly #transaction: SqliteTransaction;
  #tasks: Task[] = [];
  #draining: Promise<void> | undefined;

  constructor(transaction: SqliteTransaction) {
    this.#transaction = transaction;
  }

  run<T>(work: (transaction: Transaction) => Promise<T>, { first = false }: WriteOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#tasks.push({ first, work, resolve: resolve as (value: unknown) => void, reject });
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
      const tasks = this.#tasks.toSorted((a, b) => Number(b.first) - Number(a.first));
      this.#tasks = [];
      await this.#commit(tasks);
    }
    this.#draining = undefined;
  }

  async #commit(tasks: readonly Task[]): Promise<void> {
    try {
      await this.#inOneTransaction(tasks, 'overlapping');
    } catch (error) {
      if (tasks.length > 1 && isRefusal(error)) return this.#oneByOne(tasks);
      for (const task of tasks) task.reject(storageError(error));
    }
  }

  /** Somebody's rows were refused. Whose they were shows when each is waited for before the next begins. */
  async #oneByOne(tasks: readonly Task[]): Promise<void> {
    try {
      await this.#inOneTransaction(tasks, 'waiting');
    } catch (error) {
      for (const task of tasks) task.reject(storageError(error));
    }
  }

  async #inOneTransaction(tasks: readonly Task[], pace: Pace): Promise<void> {
    const releases: Promise<void>[] = [];
    const outcomes: (() => void)[] = [];
    try {
      this.#transaction.begin();
      for (const task of tasks)
        outcomes.push(
          tasks.length === 1
            ? await this.#alone(task)
            : await this.#attempt(
                task,
                pace === 'waiting' ? undefined : { releases, last: task === tasks.at(-1) },
              ),
        );
      await Promise.all(releases);
      await this.#transaction.commit();
    } catch (error) {
      // SQLite may have rolled back by itself (disk full, I/O error).
      await this.#transaction.rollback().catch(() => undefined);
      // What came behind a task that had failed may have failed of that.
      throw await Promise.all(releases).then(
        () => error,
        (fault: unknown) => fault,
      );
    }
    for (const settle of outcomes) settle();
  }

  async #alone(task: Task): Promise<() => void> {
    const value = await task.work(this.#transaction);
    return () => task.resolve(value);
  }

  async #attempt(task: Task, overlap: Overlap | undefined): Promise<() => void> {
    const savepoint = this.#transaction.savepoint();
    try {
      const value = await task.work(this.#transaction);
      if (overlap === undefined) await this.#transaction.release();
      else this.#releaseMeanwhile(overlap);
      return () => task.resolve(value);
    } catch (error) {
      // A full disk ends the whole transaction, so nobody's write may be taken for done.
      await this.#transaction.undo(savepoint).catch(() => {
        throw error;
      });
      return () => task.reject(storageError(error));
    }
  }

  #releaseMeanwhile({ releases, last }: Overlap): void {
    if (last) {
      this.#transaction.releaseLater();
      return;
    }
    const release = this.#transaction.release();
    // Thrown before the commit, however many fail.
    release.catch(() => undefined);
    releases.push(release);
  }
}

/** Whether each task is waited for before the next begins, or the thread writes the one while the next is prepared. */
type Pace = 'waiting' | 'overlapping';

/** What is not waited for yet. */
interface Overlap {
  readonly releases: Promise<void>[];
  /** Goes with the commit. */
  readonly last: boolean;
}

/**
 * True if SQLite refused somebody's rows (a constraint, a value that is too large). A disk that fails or is full fails
 * everybody.
 */
function isRefusal(error: unknown): boolean {
  const code = (error as { errcode?: number } | null)?.errcode;
  return code !== undefined && storageError(error) === error;
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
