import { type LeaseState, type Leases, sees, toIso } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { BulkRead, BulkWrite, Transaction } from '../storage/index.ts';

/** Somebody who says that it is alive. */
export interface Heartbeat {
  readonly actor: Actor;
  readonly leases: Leases['leases'];
}

interface LeaseRow {
  readonly id: number;
  readonly provider_id: number;
  readonly project: string | null;
  readonly customer: string | null;
  readonly lease_token: string | null;
  readonly lease_expires_at: number | null;
  readonly lease_ended: string | null;
}

const readLeases: BulkRead = {
  name: 'read_leases',
  table: 'jobs',
  key: { id: 'int' },
  columns: ['id', 'provider_id', 'project', 'customer', 'lease_token', 'lease_expires_at', 'lease_ended'],
  orderBy: 'id',
  lock: true,
};

/** No index has these columns: PostgreSQL writes them in place, SQLite touches no index. */
const renewLeases: BulkWrite = {
  name: 'renew_leases',
  table: 'jobs',
  mode: 'update',
  key: ['id'],
  columns: { id: 'int', lease_expires_at: 'int', seen_at: 'int' },
};

/**
 * Renews the leases that are still held, of many workers in one transaction. One that has run out, but that nobody has
 * taken away yet, is held: its worker lives. Answers in the order of the heartbeats.
 */
export async function renew(
  transaction: Transaction,
  heartbeats: readonly Heartbeat[],
  { now, leaseMs }: { now: number; leaseMs: number },
): Promise<LeaseState[][]> {
  const ids = new Set(heartbeats.flatMap(({ leases }) => leases.map(({ jobId }) => jobId)));
  const rows = await transaction.read<LeaseRow>(
    readLeases,
    [...ids].sort((a, b) => a - b).map((id) => [id]),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const renewed = new Set<number>();
  const answers = heartbeats.map(({ actor, leases }) =>
    leases.map(({ jobId, leaseToken }): LeaseState => {
      const row = byId.get(jobId);
      const own = row !== undefined && row.lease_token === leaseToken && sees(actor.scope, visibilityOf(row));
      if (own && row.lease_expires_at !== null) {
        renewed.add(jobId);
        return { jobId, held: true, leaseExpiresAt: toIso(now + leaseMs) };
      }
      return { jobId, held: false, reason: own && row.lease_ended === 'canceled' ? 'canceled' : 'lost' };
    }),
  );
  await transaction.write(
    renewLeases,
    Array.from(renewed, (id) => [id, now + leaseMs, now]),
  );
  return answers;
}

function visibilityOf({ provider_id, project, customer }: LeaseRow) {
  return { providerId: provider_id, project, customer };
}
