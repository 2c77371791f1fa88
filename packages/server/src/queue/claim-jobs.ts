import { randomUUID } from 'node:crypto';
import { type Claim, type ClaimedJob, type Job, type JobSummary, type Scope, toIso } from '@daybook/core';
import { type Actor, daybook } from '../actor.ts';
import { ownWorkTags } from '../configurations/built-in.ts';
import type { Appender } from '../jobs/appender.ts';
import type { Batch } from '../jobs/batch.ts';
import { type Details, findDetails, wholeJob } from '../jobs/find-jobs.ts';
import { isoOrNull, jobSummary, stepOfState } from '../jobs/job-rows.ts';
import { type LoadedJob, loadJobs } from '../jobs/job-states.ts';
import { enterGate, pausedConfigurations } from '../maintenance/gate.ts';
import type { EngineProfile, Transaction } from '../storage/index.ts';
import { type Candidate, documentsOf, findCandidates, having, type Wanted } from './candidates.ts';
import { type Capacity, loadCapacity } from './capacity.ts';

/** Somebody who wants jobs. */
export interface Claimer {
  readonly actor: Actor;
  readonly claim: Pick<Claim, 'worker' | 'configurations' | 'operations' | 'max'>;
}

/** Jobs that one transaction hands out at most: bounds how long everybody else waits. */
const MOST = 500;

/** Claimers who want the same jobs: one look at the queue serves them all. */
interface Group {
  readonly wanted: Wanted;
  readonly members: { readonly claimer: Claimer; readonly place: number }[];
}

/** What a claimer gets. */
interface Share {
  readonly claimer: Claimer;
  /** Which of the claimers it is. */
  readonly place: number;
  readonly rows: readonly Candidate[];
  readonly tokens: readonly string[];
}

interface ClaimParts {
  readonly appender: Appender;
  readonly profile: EngineProfile;
  readonly now: number;
  readonly leaseMs: number;
}

/**
 * Hands jobs out, in one transaction: to each claimer what it may have, the first comer first. Answers in the order of
 * the claimers; undefined for those whose turn has not come, because so many jobs are enough for one transaction.
 */
export async function claimJobs(
  transaction: Transaction,
  claimers: readonly Claimer[],
  parts: ClaimParts,
): Promise<(ClaimedJob[] | undefined)[]> {
  const answers: (ClaimedJob[] | undefined)[] = claimers.map(() => []);
  const { groups, later } = await shareOut(transaction, groupsOf(claimers), parts);
  for (const place of later) answers[place] = undefined;
  const rows = groups.flatMap(({ shares }) => shares.flatMap((share) => share.rows));
  if (rows.length === 0) return answers;
  // Before anything is written: what belongs to a job does not change by the claim.
  const [jobs, others] = await Promise.all([
    loadJobs(transaction, rows, having(rows, 'steps')),
    findDetails(transaction.db, {
      tags: having(rows, 'job_tags'),
      documents: [],
      bases: having(rows, 'base_runs'),
    }),
  ]);
  const details = { ...others, documents: new Map(rows.map((row) => [row.id, documentsOf(row)])) };
  const batches = groups.flatMap(({ shares }) => shares.map(claimBatch));
  for (const outcome of await parts.appender.appendEachWithin(transaction, batches, jobs))
    if ('error' in outcome) throw outcome.error;
  const leaseExpiresAt = toIso(parts.now + parts.leaseMs);
  for (const { shares } of groups)
    for (const { claimer, place, rows, tokens } of shares)
      answers[place] = rows.map((row, i) => {
        const job = claimedJob(row, jobs.get(row.id) as LoadedJob, details, claimer.actor.scope, parts.now);
        return { job, attempt: job.attempt, leaseToken: tokens[i] as string, leaseExpiresAt };
      });
  return answers;
}

function groupsOf(claimers: readonly Claimer[]): Group[] {
  const groups = new Map<string, Group>();
  claimers.forEach((claimer, place) => {
    const { configurations, operations } = claimer.claim;
    const ownWork = claimer.actor === daybook;
    const wanted = { scope: claimer.actor.scope, configurations, operations, ownWork };
    const key = JSON.stringify(wanted);
    const group = groups.get(key) ?? { wanted, members: [] };
    group.members.push({ claimer, place });
    groups.set(key, group);
  });
  return [...groups.values()];
}

/**
 * Finds the jobs for each group, and shares them out within it. Groups without any are left out; `later` are the places
 * of those who have to come again.
 */
async function shareOut(
  transaction: Transaction,
  groups: readonly Group[],
  { profile, now }: ClaimParts,
): Promise<{ groups: { wanted: Wanted; shares: Share[] }[]; later: number[] }> {
  // Asked for together, and answered as of after the gate.
  const [, paused, capacity] = await Promise.all([
    enterGate(transaction),
    pausedConfigurations(transaction, now),
    loadCapacity(
      transaction,
      profile,
      groups.map(({ wanted }) => wanted),
    ),
  ]);
  const taken = new Set<number>();
  const later: number[] = [];
  const found: { wanted: Wanted; shares: Share[] }[] = [];
  for (const { wanted, members } of groups) {
    const room = MOST - taken.size;
    const asked = members.reduce((sum, { claimer }) => sum + claimer.claim.max, 0);
    const kept = wanted.ownWork ? [] : ownWorkTags;
    // What is full is asked each time: it changes with every job that is taken.
    const find = (most: number) => {
      const { fullConfigurations, fullGroups } = capacity.full;
      const closed = { paused, fullConfigurations: [...fullConfigurations, ...kept], fullGroups };
      return findCandidates(transaction, profile, wanted, closed, { now, limit: most });
    };
    const rows = await fitting(capacity, taken, Math.min(asked, room), find);
    const shares: Share[] = [];
    let from = 0;
    for (const { claimer, place } of members) {
      const own = rows.slice(from, from + claimer.claim.max);
      from += own.length;
      if (own.length > 0) shares.push({ claimer, place, rows: own, tokens: own.map(() => randomUUID()) });
      else if (rows.length === room) later.push(place);
    }
    if (shares.length > 0) found.push({ wanted, shares });
  }
  return { groups: found, later };
}

/** Takes what the limits leave room for; looks again without what is full by now until there is enough, or no more. */
async function fitting(
  capacity: Capacity,
  taken: Set<number>,
  limit: number,
  find: (most: number) => Promise<Candidate[]>,
): Promise<Candidate[]> {
  const fits: Candidate[] = [];
  while (fits.length < limit) {
    const most = limit - fits.length;
    const found = (await find(most + taken.size)).filter((row) => !taken.has(row.id));
    for (const row of found) {
      if (fits.length === limit) break;
      if (!capacity.take(row)) continue;
      taken.add(row.id);
      fits.push(row);
    }
    if (found.length < most) break;
  }
  return fits;
}

function claimBatch({ claimer: { actor, claim }, rows, tokens }: Share): Batch {
  const { worker } = claim;
  return {
    actor,
    cause: 'claim',
    unfenced: true,
    entries: rows.map(({ id }, i) => ({
      jobId: id,
      event: { kind: 'status', status: 'running', metadata: { worker } },
      grant: { token: tokens[i] as string, worker },
    })),
  };
}

/** The job as it is now: its row as it was, and what the claim has made of it. */
function claimedJob(row: Candidate, loaded: LoadedJob, details: Details, scope: Scope, now: number): Job {
  const { state, estimatedEndAt } = loaded;
  // Set in the new objects: there is nobody else to see them.
  const summary: JobSummary = Object.assign(jobSummary(row, details.tags.get(row.id) ?? []), {
    status: state.status,
    attempt: state.attempt,
    step: state.step,
    progress: state.progress,
    error: state.error,
    startedAt: isoOrNull(state.startedAt),
    endedAt: isoOrNull(state.endedAt),
    estimatedEndAt: isoOrNull(estimatedEndAt),
    updatedAt: toIso(now),
  });
  return Object.assign(wholeJob(summary, state.steps.map(stepOfState), details, scope), { timeLeft: null });
}
