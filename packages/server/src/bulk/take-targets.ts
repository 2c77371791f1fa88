import type { Scope } from '@daybook/core';
import type { Kysely } from 'kysely';
import { holdTarget } from '../jobs/targets.ts';
import type { BulkRead, BulkWrite, Database, Transaction } from '../storage/index.ts';
import type { Candidate } from './candidates.ts';

const readTargets: BulkRead = {
  name: 'read_bulk_targets',
  table: 'targets',
  key: { name: 'text' },
  columns: ['name', 'active_job_id'],
  orderBy: 'name',
  lock: true,
};

const takeTargets: BulkWrite = {
  name: 'take_bulk_targets',
  table: 'targets',
  mode: 'update',
  key: ['name'],
  columns: { name: 'text', active_job_id: 'int', last_job_id: 'int', updated_at: 'int' },
};

interface Row {
  readonly name: string;
  readonly active_job_id: number | null;
}

/** The targets of jobs, locked until the transaction ends, and which of them other jobs hold. */
export async function lockTargets(
  transaction: Transaction,
  jobs: readonly Candidate[],
): Promise<{ known: Set<string>; busy: Set<string> }> {
  const rows = await transaction.read<Row>(readTargets, keysOf(jobs));
  return { known: new Set(rows.map(({ name }) => name)), busy: busyOf(rows) };
}

/** The same without a lock, to say what would be. */
export async function busyTargets(db: Kysely<Database>, jobs: readonly Candidate[]): Promise<Set<string>> {
  const names = keysOf(jobs).flat();
  if (names.length === 0) return new Set();
  return busyOf(
    await db.selectFrom('targets').select(['name', 'active_job_id']).where('name', 'in', names).execute(),
  );
}

/** Gives free targets that {@link lockTargets} has locked to the jobs that are tried again. */
export async function holdTargets(
  transaction: Transaction,
  scope: Scope,
  jobs: readonly Candidate[],
  known: ReadonlySet<string>,
  now: number,
): Promise<void> {
  const held = jobs.filter((job): job is Candidate & { target: string } => job.target !== null);
  const rows = held.filter(({ target }) => known.has(target)).map(({ id, target }) => [target, id, id, now]);
  await transaction.write(takeTargets, rows);
  for (const { id, target } of held)
    if (!known.has(target)) await holdTarget(transaction, scope, target, id, now);
}

/** In order, so that two processes lock the same targets the same way round. */
function keysOf(jobs: readonly Candidate[]): string[][] {
  const names = new Set(jobs.flatMap(({ target }) => (target === null ? [] : [target])));
  return [...names].sort().map((name) => [name]);
}

function busyOf(rows: readonly Row[]): Set<string> {
  return new Set(rows.filter((row) => row.active_job_id !== null).map(({ name }) => name));
}
