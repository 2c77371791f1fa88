import { type BulkActionInput, bulkLimits, type Scope, sees } from '@daybook/core';
import type { Kysely } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Appender } from '../jobs/appender.ts';
import { askedBy } from '../jobs/asked-by.ts';
import { findIds } from '../jobs/find-ids.ts';
import type { BulkRead, Database, Store, Transaction } from '../storage/index.ts';

/** What decides on whether a job can be acted upon. */
export interface Candidate {
  readonly id: number;
  readonly status: string;
  readonly execution: string;
  readonly target: string | null;
  readonly endsWithChildren: boolean;
  /** How its last lease ended; null while its worker is at work. */
  readonly leaseEnded: string | null;
}

export interface Chosen {
  /** Oldest first. */
  readonly ids: readonly number[];
  /** There are more than one call takes. */
  readonly more: boolean;
}

/** What choosing jobs takes. */
export interface ChoosingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly appender: Appender;
}

/** The jobs that are meant: those of the filter that the actor sees, or those that are named, seen or not. */
export async function chooseJobs(
  { store, clock, appender }: ChoosingParts,
  actor: Actor,
  { filter, ids }: Pick<BulkActionInput, 'filter' | 'ids'>,
): Promise<Chosen> {
  if (ids !== undefined) return { ids: [...new Set(ids)].sort((a, b) => a - b), more: false };
  const found = await findIds(
    { profile: store.profile, db: store.people },
    {
      scope: actor.scope,
      filter: askedBy(filter ?? {}, actor, { now: clock.now(), timeZone: appender.words.timeZone }),
      sort: 'id',
      limit: bulkLimits.jobs + 1,
    },
  );
  return { ids: found.slice(0, bulkLimits.jobs), more: found.length > bulkLimits.jobs };
}

const columns = [
  'id',
  'status',
  'execution',
  'target',
  'ends_with_children',
  'lease_ended',
  'provider_id',
  'project',
  'customer',
] as const;

const readCandidates: BulkRead = {
  name: 'read_bulk_candidates',
  table: 'jobs',
  key: { id: 'int' },
  columns,
  orderBy: 'id',
  lock: true,
};

interface Row {
  readonly id: number;
  readonly status: string;
  readonly execution: string;
  readonly target: string | null;
  readonly ends_with_children: number;
  readonly lease_ended: string | null;
  readonly provider_id: number;
  readonly project: string | null;
  readonly customer: string | null;
}

/** Those of the jobs that the scope sees, locked until the transaction ends. */
export async function lockCandidates(
  transaction: Transaction,
  scope: Scope,
  ids: readonly number[],
): Promise<Candidate[]> {
  const keys = ids.map((id) => [id]);
  return seen(await transaction.read<Row>(readCandidates, keys), scope);
}

/** The same without a lock, to say what would be. */
export async function readCandidatesOf(
  db: Kysely<Database>,
  scope: Scope,
  ids: readonly number[],
): Promise<Candidate[]> {
  return seen(
    await db.selectFrom('jobs').select(columns).where('id', 'in', ids).orderBy('id').execute(),
    scope,
  );
}

function seen(rows: readonly Row[], scope: Scope): Candidate[] {
  return rows
    .filter(({ project, provider_id: providerId, customer }) =>
      sees(scope, { project, providerId, customer }),
    )
    .map(({ id, status, execution, target, ends_with_children, lease_ended: leaseEnded }) => ({
      id,
      status,
      execution,
      target,
      endsWithChildren: ends_with_children === 1,
      leaseEnded,
    }));
}
