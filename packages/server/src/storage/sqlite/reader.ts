import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DaybookError } from '@daybook/core';
import type { RunResult, SqliteRunner } from './dialect.ts';

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './reader-process.ts' : './reader-process.js', import.meta.url),
);

interface Waiting {
  resolve(result: RunResult): void;
  reject(error: Error): void;
}

/**
 * Runs queries in a reader process, one after the other. A query that is not answered within `timeoutMs` of its start
 * is stopped by killing the process; the queries behind it go to the next one. The process starts with the first query and ends
 * after `idleMs` without one.
 */
export class SqliteReader implements SqliteRunner {
  readonly #file: string;
  readonly #timeoutMs: number;
  readonly #idleMs: number;
  #process: ChildProcess | undefined;
  #queue: { sql: string; parameters: readonly unknown[]; waiting: Waiting }[] = [];
  #running: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #closed = false;

  constructor(file: string, options: { timeoutMs: number; idleMs: number }) {
    this.#file = file;
    this.#timeoutMs = options.timeoutMs;
    this.#idleMs = options.idleMs;
  }

  query(sql: string, parameters: readonly unknown[]): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(stopping());
      this.#queue.push({ sql, parameters, waiting: { resolve, reject } });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running !== undefined) return;
    clearTimeout(this.#timer);
    const next = this.#queue.shift();
    if (next === undefined) {
      this.#timer = setTimeout(() => this.#stop(), this.#idleMs).unref();
      return;
    }
    this.#running = next.waiting;
    this.#process ??= this.#start();
    holdOpen(this.#process, true);
    this.#process.send({ id: ++this.#sequence, sql: next.sql, parameters: [...next.parameters] });
    this.#timer = setTimeout(() => {
      this.#kill(
        new DaybookError(
          'query_timeout',
          'This took too long and was stopped. Narrow the filters and try again.',
        ),
      );
    }, this.#timeoutMs).unref();
  }

  #start(): ChildProcess {
    const child = fork(script, [this.#file], {
      serialization: 'advanced',
      execArgv: ['--max-semi-space-size=2', '--disable-warning=ExperimentalWarning'],
      // A reader has no business with secrets.
      env: { PATH: process.env['PATH'] },
    });
    child.on('message', (answer: { id: number; rows?: unknown[]; error?: string }) => {
      if (child !== this.#process || answer.id !== this.#sequence) return;
      const waiting = this.#running;
      this.#running = undefined;
      holdOpen(child, false);
      if (answer.error === undefined) waiting?.resolve({ rows: answer.rows ?? [] });
      else waiting?.reject(new Error(answer.error));
      this.#next();
    });
    const ended = () => {
      if (child === this.#process)
        this.#kill(new DaybookError('unavailable', 'The reader process ended. Try again.'));
    };
    child.on('exit', ended);
    // It could not be started, or died before we heard of it and cannot be sent to.
    child.on('error', ended);
    return child;
  }

  #kill(error: Error): void {
    this.#stop();
    const waiting = this.#running;
    this.#running = undefined;
    waiting?.reject(error);
    this.#next();
  }

  #stop(): void {
    const child = this.#process;
    this.#process = undefined;
    child?.kill('SIGKILL');
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    const waiting = [this.#running, ...this.#queue.map((each) => each.waiting)];
    this.#queue = [];
    this.#running = undefined;
    for (const each of waiting) each?.reject(stopping());
    this.#stop();
  }
}

function stopping(): DaybookError {
  return new DaybookError('unavailable', 'Daybook is stopping.');
}

/** Only while an answer is waited for must this process not end before it. */
function holdOpen(child: ChildProcess, isAsked: boolean): void {
  const channel = child.channel as unknown as { ref(): void; unref(): void } | null;
  for (const handle of [child, channel])
    if (isAsked) handle?.ref();
    else handle?.unref();
}
