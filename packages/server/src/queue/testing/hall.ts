import type { ClaimBody, ClaimedJob } from '@daybook/core';
import { claimSchema } from '@daybook/core';
import { TestClock } from '../../access/testing/test-clock.ts';
import type { Actor } from '../../actor.ts';
import { type Diary, diaryOn } from '../../jobs/testing/diary.ts';
import type { Store } from '../../storage/index.ts';
import { Queue } from '../queue.ts';

/** The queue of a store with its diary, by a clock that the test moves. */
export interface Hall {
  readonly diary: Diary;
  readonly queue: Queue;
  readonly clock: TestClock;
  claim(some?: Partial<ClaimBody>, actor?: Actor): Promise<ClaimedJob[]>;
  /** The only job that is claimed, or the first. */
  claimOne(some?: Partial<ClaimBody>): Promise<ClaimedJob>;
}

export const LEASE_MS = 9_000;

export function hallOn(store: Store, clock = new TestClock()): Hall {
  const diary = diaryOn(store, clock, () => 0.5);
  const queue = new Queue({ store, appender: diary.appender, clock, leaseMs: LEASE_MS });
  const claim = (some: Partial<ClaimBody> = {}, actor = diary.admin) =>
    queue.claim(actor, claimSchema.parse({ worker: 'w', ...some }));
  return { diary, queue, clock, claim, claimOne: async (some) => (await claim(some))[0] as ClaimedJob };
}
