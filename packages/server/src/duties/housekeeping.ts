import { sql } from 'kysely';
import { forgetInvitations } from '../access/invitations.ts';
import { forgetEdits } from '../bulk/edits.ts';
import type { Clock } from '../clock.ts';
import { forgetTold } from '../configurations/told-ends.ts';
import { flagStalled } from '../jobs/stalled.ts';
import { forgetShares } from '../shares/shares.ts';
import type { Store } from '../storage/index.ts';
import type { Duty } from './duties.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How long a replay of an Idempotency-Key answers the same, milliseconds. */
const IDEMPOTENCY = 7 * DAY;
/** How long an edit of many jobs can be undone, milliseconds. */
const UNDO = 30 * DAY;
/** How long links and invitations can be looked at that are worth nothing any more, milliseconds. */
const HISTORY = 30 * DAY;
/** How long it can be learned from what was foretold of a job that has ended, milliseconds. */
const LEARN = 365 * DAY;

/**
 * Forgets what has lost its use: answers to replays, sessions, sign-in links, links to jobs, invitations, how old edits are
 * undone, and what was foretold of jobs long ago.
 */
export function tidyUp(store: Store, clock: Clock): Duty {
  return {
    name: 'tidy-up',
    every: 60 * MINUTE,
    async run(signal) {
      const now = clock.now();
      await store.write(async (transaction) => {
        const { db } = transaction;
        await db
          .deleteFrom('idempotency_keys')
          .where('created_at', '<', now - IDEMPOTENCY)
          .execute();
        await db.deleteFrom('sessions').where('expires_at', '<', now).execute();
        await db.deleteFrom('sign_in_links').where('expires_at', '<', now).execute();
        await forgetEdits(transaction, now - UNDO);
        await forgetShares(transaction, now - HISTORY);
        await forgetInvitations(transaction, now - HISTORY);
      });
      await forgetTold(store, now - LEARN, signal);
    },
  };
}

/** Flags reported jobs that have been silent for `stallAfter` milliseconds. */
export function stalledJobs(store: Store, clock: Clock, stallAfter: number): Duty {
  return {
    name: 'stalled-jobs',
    every: Math.min(30_000, stallAfter),
    async run() {
      await flagStalled(store, clock.now() - stallAfter);
    },
  };
}

/** PostgreSQL keeps log lines by month of arrival, so that old ones are dropped at once: makes the months to come. */
export function logMonths(store: Store, clock: Clock): Duty {
  return {
    name: 'log-months',
    every: DAY,
    async run() {
      for (const month of [monthOf(clock.now()), monthOf(clock.now(), 1), monthOf(clock.now(), 2)])
        await makeMonth(store, month);
    },
  };
}

/** Lines of this month are in the default partition already: they stay there until their month is over. */
const TOO_LATE = '23514';

async function makeMonth(
  store: Store,
  { name, from, to }: { name: string; from: number; to: number },
): Promise<void> {
  const made = `CREATE TABLE IF NOT EXISTS log_lines_${name} PARTITION OF log_lines FOR VALUES FROM (${from}) TO (${to})`;
  try {
    await store.write(({ db }) => sql.raw(made).execute(db));
  } catch (error) {
    if ((error as { code?: string }).code !== TOO_LATE) throw error;
  }
}

function monthOf(now: number, ahead = 0): { name: string; from: number; to: number } {
  const date = new Date(now);
  const from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead);
  const to = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead + 1);
  return { name: new Date(from).toISOString().slice(0, 7).replace('-', '_'), from, to };
}
