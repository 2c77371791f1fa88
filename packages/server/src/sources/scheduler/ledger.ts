import { isEnded, type JobStatus } from '@daybook/core';
import { hashOf, type Seen, type Understood } from './seen.ts';

/**
 * What was told of each job, in the mark that is kept with it: after a start nothing is told twice, and a number that
 * comes again is known for what it is. `open`: it has not ended. `ended`: the list said so; `settled`: the accounting did,
 * which knows more. `lost`: nobody knows it any more.
 */
interface Entry {
  readonly stage: 'open' | 'ended' | 'settled' | 'lost';
  /** Milliseconds; 0 if it has not ended. */
  readonly endedAt: number;
  /** Of its user and its name. */
  readonly who: string;
  readonly hash: string;
}

const letters = { open: 'o', ended: 'e', settled: 's', lost: 'l' } as const;
const stages = { o: 'open', e: 'ended', s: 'settled', l: 'lost' } as const;

/** A job that comes again within this after its end was put back into the queue, milliseconds. */
const REQUEUE = 24 * 60 * 60 * 1_000;

/**
 * Knows which job a scheduler means. A job is its raw number and the time of its submission, since numbers wrap; but
 * when Slurm requeues a job, it has a new time of submission and is the same job all the same.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #latest = new Map<string, string>();
  #lastSubmit: number | undefined;

  constructor(marks: ReadonlyMap<string, string>) {
    for (const [item, mark] of marks) {
      const entry = entryOf(mark);
      if (entry !== undefined) this.#keep(item, entry);
    }
  }

  /** When the last job that is known was submitted, milliseconds. */
  get lastSubmit(): number | undefined {
    return this.#lastSubmit;
  }

  entry(item: string): Entry | undefined {
    return this.#entries.get(item);
  }

  /** The name of a job for good; undefined if it is not known, and cannot be named without a time of submission. */
  itemOf(seen: Seen, needsDate: boolean): string | undefined {
    const exact = itemName(seen);
    if (exact !== undefined && this.#entries.has(exact)) return exact;
    const previous = this.#latest.get(seen.id);
    if (previous !== undefined && this.#isAgain(previous, seen)) return previous;
    return exact ?? (needsDate ? undefined : `${seen.id}@`);
  }

  #isAgain(previous: string, seen: Seen): boolean {
    const entry = this.#entries.get(previous) as Entry;
    if (seen.submittedAt === undefined) return entry.stage === 'open';
    if (entry.who !== whoIs(seen) || seen.submittedAt < (submittedOf(previous) ?? 0)) return false;
    return entry.stage === 'open' || (entry.endedAt > 0 && seen.submittedAt - entry.endedAt < REQUEUE);
  }

  /** Notes what was told; call it when it has been taken. */
  note(item: string, mark: string): void {
    this.#keep(item, entryOf(mark) as Entry);
  }

  #keep(item: string, entry: Entry): void {
    this.#entries.set(item, entry);
    const id = item.slice(0, item.lastIndexOf('@'));
    const submitted = submittedOf(item) ?? 0;
    const known = this.#latest.get(id);
    if (known === undefined || (submittedOf(known) ?? 0) <= submitted) this.#latest.set(id, item);
    if (submitted > (this.#lastSubmit ?? 0)) this.#lastSubmit = submitted;
  }
}

/** `7@1795305819`: seconds, since that is what schedulers count in. */
function itemName({ id, submittedAt }: Seen): string | undefined {
  return submittedAt === undefined ? undefined : `${id}@${Math.floor(submittedAt / 1_000)}`;
}

/** When a job was submitted first, milliseconds; undefined if its scheduler does not tell. */
export function submittedOf(item: string): number | undefined {
  return Number(item.slice(item.lastIndexOf('@') + 1)) * 1_000 || undefined;
}

/** The mark of a job as it is told now. */
export function markOf(seen: Understood, content: string, settled: boolean): string {
  const stage = stageOf(seen.status, settled);
  const end = stage === 'open' || stage === 'lost' ? 0 : Math.floor((seen.endedAt ?? 0) / 1_000);
  return `${letters[stage]}${end}:${whoIs(seen)}:${hashOf(content)}`;
}

function stageOf(status: JobStatus, settled: boolean): Entry['stage'] {
  if (status === 'unknown') return 'lost';
  if (!isEnded(status)) return 'open';
  return settled ? 'settled' : 'ended';
}

function entryOf(mark: string): Entry | undefined {
  const [, letter = '', end = '', who = '', hash = ''] = /^([oesl])(\d+):([^:]*):([^:]*)$/.exec(mark) ?? [];
  if (letter === '') return undefined;
  return { stage: stages[letter as keyof typeof stages], endedAt: Number(end) * 1_000, who, hash };
}

function whoIs({ user, name }: Seen): string {
  return hashOf(`${user ?? ''}\n${name ?? ''}`).slice(0, 10);
}
