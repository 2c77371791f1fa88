import { type Complete, type Release, type SettledItem, toIso } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Batch, Outcome } from '../jobs/batch.ts';

/** How a worker ends a job: what it found out, and the status. Saying it twice changes nothing. */
export function completion(actor: Actor, item: Complete['items'][number]): Batch {
  const { jobId, leaseToken, status, message, metadata, retry } = item;
  const said = { kind: 'status', status, leaseToken, ...(message !== undefined && { message }) } as const;
  const found =
    metadata === undefined ? [] : [{ jobId, event: { kind: 'metadata', metadata, leaseToken } as const }];
  return { actor, ending: status, entries: [...found, { jobId, event: said, final: retry === false }] };
}

/** A worker gives a job back: it waits again as if it had not been claimed, maybe for a while. */
export function giveBack(actor: Actor, item: Release['items'][number], now: number): Batch {
  const { jobId, leaseToken, message, delaySeconds = 0 } = item;
  const later = delaySeconds > 0 ? { runAfter: now + Math.round(delaySeconds * 1_000) } : {};
  const said = {
    kind: 'status',
    status: 'queued',
    leaseToken,
    message: message ?? 'Its worker gave it back.',
    metadata: { reason: 'released' },
  } as const;
  return {
    actor,
    cause: 'requeue',
    ending: 'released',
    entries: [{ jobId, event: said, leaseEnd: 'released', ...later }],
  };
}

/** What became of an item. */
export function settled(jobId: number, outcome: Outcome): SettledItem {
  if ('error' in outcome) {
    const { code, message } = outcome.error;
    return { jobId, ok: false, code: code === 'not_found' ? 'not_found' : 'lease_lost', message };
  }
  const { status, runAfter } = outcome.job;
  const later = status === 'queued' && runAfter !== null;
  return { jobId, ok: true, status, ...(later && { runAfter: toIso(runAfter) }) };
}
