import { randomBytes } from 'node:crypto';
import type { SourceCheck } from '@daybook/core';
import { checkFile, checkOf } from '../scheduler/checks.ts';
import { endsOfFile } from '../scheduler/ends-of-file.ts';
import type { Programs } from '../scheduler/programs.ts';
import type { Asking, Ends, Scheduler } from '../scheduler/scheduler.ts';
import type { Listing, Seen } from '../scheduler/seen.ts';
import { TailFile } from '../scheduler/tail-file.ts';
import { SourceError } from '../source.ts';
import { parseJobcomp } from './jobcomp.ts';
import { parseSacct, sacctArguments } from './sacct.ts';
import { parseScontrol, type SlurmDetail } from './scontrol.ts';
import { parseSqueue, squeueArguments } from './squeue.ts';

/**
 * Slurm, asked through its own commands: `squeue` for what is active and what ended a moment ago (MinJobAge), `scontrol`
 * once for new jobs, and for what left the queue before it was looked at, `sacct`, or the file of
 * `JobCompType=jobcomp/filetxt` where there is no accounting.
 */
export class Slurm implements Scheduler {
  readonly needsDate = false;
  readonly #programs: Programs;
  readonly #timeZone: string;
  readonly #jobcomp: TailFile | undefined;
  /** A unit separator and what nobody can guess: users choose the names of their jobs. */
  readonly #delimiter = `\u001f${randomBytes(6).toString('hex')}\u001f`;
  /** Left out where there is no accounting, as `sacct` says when it is asked first. */
  history?: (asking: Asking, since: number) => Promise<Listing | undefined>;
  readonly ended?: (asking: Asking) => Promise<Ends>;

  constructor(programs: Programs, { timeZone, jobcomp }: { timeZone: string; jobcomp?: string | undefined }) {
    this.#programs = programs;
    this.#timeZone = timeZone;
    this.#jobcomp = jobcomp === undefined ? undefined : new TailFile(jobcomp);
    if (this.#jobcomp !== undefined) this.ended = (asking) => this.#endedInFile(asking);
    else this.history = (asking, since) => this.#askAccounting(asking, since);
  }

  left(now: number): number {
    return this.#programs.left(now);
  }

  async list(asking: Asking): Promise<Listing> {
    const text = await this.#programs.run('squeue', squeueArguments(this.#delimiter), asking);
    return parseSqueue(text, this.#delimiter, this.#time(asking));
  }

  async detail(asking: Asking, fresh: readonly Seen[]): Promise<(seen: Seen) => Seen> {
    // It takes one number or none.
    const which = fresh.length === 1 ? [fresh[0]?.id ?? ''] : [];
    const details = await this.#programs
      .run('scontrol', ['-o', 'show', 'job', ...which], asking)
      .then(parseScontrol)
      // The job has gone meanwhile: then there is nothing more to learn of it here.
      .catch((): Map<string, SlurmDetail> => new Map());
    return (seen) => {
      const detail = details.get(seen.id);
      if (detail === undefined) return seen;
      const { logFile, tries } = detail;
      return { ...seen, ...(logFile !== undefined && { logFile }), ...(tries > 0 && { tries }) };
    };
  }

  async #askAccounting(asking: Asking, since: number): Promise<Listing | undefined> {
    const args = sacctArguments(this.#delimiter, Math.max(60, (asking.now - since) / 1_000));
    try {
      const text = await this.#programs.run('sacct', args, asking);
      return parseSacct(text, this.#delimiter, this.#time(asking));
    } catch (error) {
      // Without accounting it says so; with one that is down, everything else goes on, and it is asked again.
      if (!(error instanceof SourceError)) throw error;
      if (/accounting storage is disabled|programMissing/i.test(error.message)) this.history = undefined;
      return undefined;
    }
  }

  async test(asking: Asking): Promise<SourceCheck[]> {
    const checks = [
      await checkOf('source.check.queue', async () => (await this.list(asking)).seen.length),
      this.#jobcomp !== undefined
        ? await checkFile('source.check.accountingFile', this.#jobcomp.path)
        : await checkOf('source.check.accounting', async () => {
            const args = sacctArguments(this.#delimiter, 3_600);
            const text = await this.#programs.run('sacct', args, asking);
            return parseSacct(text, this.#delimiter, this.#time(asking)).seen.length;
          }),
    ];
    return checks;
  }

  async #endedInFile(asking: Asking): Promise<Ends> {
    const time = this.#time(asking);
    return await endsOfFile(this.#jobcomp as TailFile, (text) => parseJobcomp(text, time));
  }

  #time({ now }: Asking): { timeZone: string; now: number } {
    return { timeZone: this.#timeZone, now };
  }
}
