import { type BulkAction, type BulkSkip, isEnded, type JobStatus, unreachable } from '@daybook/core';
import type { Candidate } from './candidates.ts';

/** Counts what is done and what is left as it is, and why. */
export class Tally<Reason extends string = BulkSkip> {
  changed = 0;
  readonly #skipped = new Map<Reason, number>();

  skip(reason: Reason, count = 1): void {
    if (count > 0) this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + count);
  }

  plus(other: Tally<Reason>): Tally<Reason> {
    const sum = new Tally<Reason>();
    sum.changed = this.changed + other.changed;
    for (const { reason, count } of [...this.skipped, ...other.skipped]) sum.skip(reason, count);
    return sum;
  }

  get skipped(): { reason: Reason; count: number }[] {
    return Array.from(this.#skipped, ([reason, count]) => ({ reason, count }));
  }
}

/**
 * Divides jobs into those that can be acted upon and the others, which are counted by their reasons. `busy` are targets
 * that other jobs hold; a target that a retried job takes is added to it, so that the next job of it waits for another
 * time. `asked` is how many were asked for: what is missing is not there, or not to be seen.
 */
export function divide(
  action: BulkAction,
  candidates: readonly Candidate[],
  { busy, asked }: { busy: Set<string>; asked: number },
): { apply: Candidate[]; tally: Tally } {
  const tally = new Tally();
  tally.skip('not_found', asked - candidates.length);
  const apply = candidates.filter((job) => {
    const reason = whyNot(action, job, busy);
    if (reason !== undefined) tally.skip(reason);
    else if (action === 'retry' && job.target !== null) busy.add(job.target);
    return reason === undefined;
  });
  tally.changed = apply.length;
  return { apply, tally };
}

function whyNot(action: BulkAction, job: Candidate, busy: ReadonlySet<string>): BulkSkip | undefined {
  const ended = isEnded(job.status as JobStatus);
  switch (action) {
    case 'retry':
      if (!ended) return 'still_active';
      return job.target !== null && busy.has(job.target) ? 'target_busy' : undefined;
    case 'cancel':
      return ended ? 'already_ended' : undefined;
    case 'requeue':
      if (job.execution !== 'claimed') return 'not_claimed';
      return job.status === 'running' && !ownWorkDone(job) ? undefined : 'not_running';
    default:
      return unreachable(action);
  }
}

/** A parent that waits for its children alone: nobody is to do its own work again. */
function ownWorkDone({ endsWithChildren, leaseEnded }: Candidate): boolean {
  return endsWithChildren && leaseEnded !== null;
}
