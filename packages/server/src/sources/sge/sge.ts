import type { SourceCheck } from '@daybook/core';
import { checkFile, checkOf } from '../scheduler/checks.ts';
import { endsOfFile } from '../scheduler/ends-of-file.ts';
import type { Programs } from '../scheduler/programs.ts';
import type { Asking, Ends, Scheduler } from '../scheduler/scheduler.ts';
import { defined, type Listing, type Seen, type Understood } from '../scheduler/seen.ts';
import { TailFile } from '../scheduler/tail-file.ts';
import type { TimeContext } from '../scheduler/times.ts';
import { SourceError } from '../source.ts';
import { parseAccounting } from './accounting.ts';
import { parseQstatDetail, type SgeDetail } from './qstat-detail.ts';
import { listArguments, parseQstatList } from './qstat-list.ts';
import { parseReporting } from './reporting.ts';

/** One of the two files that tell how jobs ended. */
interface EndFile {
  readonly file: TailFile;
  /** `reporting` also tells who asked for deletions. */
  readonly kind: 'accounting' | 'reporting';
}

/**
 * Grid Engine (SGE, Son of Grid Engine, Univa), asked through `qstat -xml`, and `qstat -j` once for new jobs. It forgets
 * jobs as soon as they end; how they ended stands in the accounting file some seconds later.
 */
export class GridEngine implements Scheduler {
  readonly needsDate = true;
  readonly #programs: Programs;
  readonly #timeZone: string;
  readonly #ends: EndFile | undefined;
  readonly #deleted = new Set<string>();

  constructor(
    programs: Programs,
    {
      timeZone,
      accounting,
      reporting,
    }: { timeZone: string; accounting?: string | undefined; reporting?: string | undefined },
  ) {
    this.#programs = programs;
    this.#timeZone = timeZone;
    if (reporting !== undefined) this.#ends = { file: new TailFile(reporting), kind: 'reporting' };
    else if (accounting !== undefined) this.#ends = { file: new TailFile(accounting), kind: 'accounting' };
  }

  left(now: number): number {
    return this.#programs.left(now);
  }

  async list(asking: Asking): Promise<Listing> {
    const text = await this.#programs.run('qstat', listArguments, asking);
    return understood(() => parseQstatList(text, this.#time(asking)));
  }

  async detail(asking: Asking, fresh: readonly Seen[]): Promise<(seen: Seen) => Seen> {
    const numbers = [...new Set(fresh.map(({ id }) => numberOf(id)))];
    const text = await this.#programs
      .run('qstat', ['-xml', '-j', numbers.join(',')], asking)
      // All of them have gone meanwhile: some versions say so with an exit code.
      .catch(() => '');
    const details = text === '' ? noDetails : understood(() => parseQstatDetail(text, this.#time(asking)));
    return (seen) => {
      const detail = details.get(numberOf(seen.id));
      if (detail === undefined) return seen;
      const { waiting, ...facts } = detail;
      return { ...seen, ...defined(facts), waiting: seen.waiting ?? waiting };
    };
  }

  async ended(asking: Asking): Promise<Ends> {
    if (this.#ends === undefined) return { seen: [], unread: [] };
    const { file, kind } = this.#ends;
    const time = this.#time(asking);
    return await endsOfFile(file, (text) =>
      kind === 'accounting' ? parseAccounting(text, time) : parseReporting(text, this.#deleted, time),
    );
  }

  /** The accounting does not tell who killed a job; that its deletion was asked for was seen in the list. */
  settle(end: Understood, known: Seen | undefined): Understood {
    const killed = end.status === 'other' && known?.deleting === true;
    return killed ? { ...end, status: 'canceled', error: undefined } : end;
  }

  async test(asking: Asking): Promise<SourceCheck[]> {
    const queue = await checkOf('source.check.queue', async () => (await this.list(asking)).seen.length);
    if (this.#ends === undefined) return [queue, { ok: false, code: 'source.check.accountingFile' }];
    return [queue, await checkFile('source.check.accountingFile', this.#ends.file.path)];
  }

  #time({ now }: Asking): TimeContext {
    return { timeZone: this.#timeZone, now };
  }
}

const noDetails: ReadonlyMap<string, SgeDetail> = new Map();

/** `7.2` is a task of job 7. */
function numberOf(id: string): string {
  return id.split('.', 1)[0] ?? id;
}

/** What cannot be read is no list: nothing is concluded from it. */
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
