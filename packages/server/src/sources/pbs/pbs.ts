import type { SourceCheck } from '@daybook/core';
import { checkOf } from '../scheduler/checks.ts';
import type { Programs } from '../scheduler/programs.ts';
import type { Asking, Scheduler } from '../scheduler/scheduler.ts';
import type { Listing } from '../scheduler/seen.ts';
import { SourceError } from '../source.ts';
import { parseQstat } from './qstat.ts';

/**
 * How the list is asked for, the fullest first: OpenPBS as JSON with what has finished (`job_history_enable`), the same
 * as text, and Torque, where `-x` would mean XML.
 */
const ways: readonly (readonly string[])[] = [
  ['-f', '-x', '-t', '-F', 'json'],
  ['-f', '-t', '-F', 'json'],
  ['-f', '-t'],
  ['-f'],
];

/** PBS (OpenPBS, PBS Professional, Torque), asked through `qstat -f`. */
export class Pbs implements Scheduler {
  readonly needsDate = false;
  readonly #programs: Programs;
  readonly #timeZone: string;
  /** Which of the ways this server takes; each is tried once. */
  #way = 0;

  constructor(programs: Programs, { timeZone }: { timeZone: string }) {
    this.#programs = programs;
    this.#timeZone = timeZone;
  }

  left(now: number): number {
    return this.#programs.left(now);
  }

  async list(asking: Asking): Promise<Listing> {
    for (;;) {
      try {
        const text = await this.#programs.run('qstat', ways[this.#way] ?? ['-f'], asking);
        return understood(() => parseQstat(text, { timeZone: this.#timeZone, now: asking.now }));
      } catch (error) {
        if (!isRefusedOption(error) || this.#way === ways.length - 1 || this.left(asking.now) === 0)
          throw error;
        this.#way += 1;
      }
    }
  }

  async test(asking: Asking): Promise<SourceCheck[]> {
    return [await checkOf('source.check.queue', async () => (await this.list(asking)).seen.length)];
  }
}

function isRefusedOption(error: unknown): boolean {
  return (
    error instanceof SourceError &&
    /invalid option|illegal option|usage:|unknown option|unrecognized/i.test(error.message)
  );
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SourceError(
      { code: 'source.error.unreadable', detail: (error as Error).message },
      { cause: error },
    );
  }
}
