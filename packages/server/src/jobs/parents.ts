import { isActive, type JobStatus } from '@daybook/core';
import { sql } from 'kysely';
import { daybook } from '../actor.ts';
import type { Transaction } from '../storage/index.ts';
import type { Batch } from './batch.ts';
import type { JobStates, LoadedJob } from './job-states.ts';

/*
 * The end rule of parents (contracts/tracker-files.md), for jobs created with `endsWithChildren`: when the last child has
 * ended, the parent succeeds if all have succeeded; it fails if all have failed, or more of them than it allows for.
 */

/** How many children of a job are of each status. */
type Census = ReadonlyMap<JobStatus, number>;

/**
 * The ends of those of the given jobs that end now: nobody runs them any more, and no child goes on. Their rows are
 * locked first, so that of two children that end at once, in two processes, the later one sees the earlier.
 */
export async function judgeParents(
  transaction: Transaction,
  states: JobStates,
  ids: ReadonlySet<number>,
): Promise<Batch[]> {
  const jobs = await states.load(
    transaction,
    [...ids].sort((a, b) => a - b),
  );
  const waiting = [...jobs.values()].filter(waitsForChildren).map((job) => job.id);
  if (waiting.length === 0) return [];
  const busy = await withActiveChildren(transaction, waiting);
  const over = waiting.filter((id) => !busy.has(id));
  const verdicts = await verdictsOf(transaction, over);
  return verdicts.map(({ jobId, ...said }) => ({
    actor: daybook,
    unfenced: true,
    entries: [{ jobId, event: { kind: 'status', ...said } }],
  }));
}

/** A job that a worker still runs, or has yet to claim, has work of its own. */
function waitsForChildren({ endsWithChildren, execution, lease, state }: LoadedJob): boolean {
  const { status } = state;
  if (!endsWithChildren || lease.held) return false;
  return isActive(status) && !(execution === 'claimed' && status === 'queued');
}

/** Words for word as in the index `jobs_children`, which SQLite takes for nothing else. */
const ACTIVE = sql<boolean>`status IN ('queued', 'running', 'unknown')`;

async function withActiveChildren({ db }: Transaction, ids: readonly number[]): Promise<Set<number>> {
  const rows = await db
    .selectFrom('jobs')
    .select('parent_id')
    .distinct()
    .where('parent_id', 'in', ids)
    .where('parent_id', 'is not', null)
    .where(ACTIVE)
    .execute();
  return new Set(rows.map((row) => row.parent_id as number));
}

interface Verdict {
  readonly jobId: number;
  readonly status: 'succeeded' | 'failed' | 'finished';
  readonly message: string;
}

async function verdictsOf({ db }: Transaction, ids: readonly number[]): Promise<Verdict[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('jobs')
    .select(['parent_id', 'status', (eb) => eb.fn.countAll<number>().as('count')])
    .where('parent_id', 'in', ids)
    .groupBy(['parent_id', 'status'])
    .execute();
  const allowed = await db
    .selectFrom('jobs')
    .select(['id', 'max_failed_children'])
    .where('id', 'in', ids)
    .execute();
  const censuses = Map.groupBy(rows, (row) => row.parent_id as number);
  return allowed.map(({ id, max_failed_children }) => {
    const counts = (censuses.get(id) ?? []).map(
      (row) => [row.status as JobStatus, Number(row.count)] as const,
    );
    return { jobId: id, ...verdictOf(new Map(counts), max_failed_children) };
  });
}

/** How a parent ends, by how its children did. Who was canceled, or ended in another way, did not succeed. */
export function verdictOf(children: Census, maxFailed: number): Omit<Verdict, 'jobId'> {
  const count = (...statuses: JobStatus[]) =>
    statuses.reduce((sum, status) => sum + (children.get(status) ?? 0), 0);
  const failed = count('failed', 'other', 'canceled');
  const unsaid = count('finished');
  const all = count('succeeded') + failed + unsaid;
  if (all === 0) return { status: 'succeeded', message: 'It had no children to wait for.' };
  const message = `${count('succeeded')} of ${all} children succeeded, ${failed} failed.`;
  if (failed > maxFailed || failed === all) return { status: 'failed', message };
  // Nobody has said of each how it ended, so nobody can say it of the parent.
  return { status: unsaid > 0 ? 'finished' : 'succeeded', message };
}
