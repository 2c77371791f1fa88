import { sql } from 'kysely';
import type { Transaction } from '../storage/index.ts';
import { record } from './audit.ts';

/** Who made something: a user or other maker by their label, or a key by its id, as names of keys are not unique. */
export type Maker = { readonly label: string } | { readonly keyId: number };

/** Makes the links and invitations worthless that somebody made. */
export async function revokeLinks({ db }: Transaction, maker: Maker, now: number): Promise<void> {
  for (const table of ['invitations', 'shares'] as const)
    await db
      .updateTable(table)
      .set({ revoked_at: now })
      .where(madeBy(maker))
      .where('revoked_at', 'is', null)
      .execute();
}

/** Revokes all that somebody made: links, invitations and keys, and what those keys made in turn. */
export async function revokeMade(
  transaction: Transaction,
  by: string,
  maker: Maker,
  now: number,
): Promise<void> {
  await revokeLinks(transaction, maker, now);
  // Those that were revoked already may have made others.
  const keys = await transaction.db
    .selectFrom('api_keys')
    .select(['id', 'name', 'revoked_at'])
    .where(madeBy(maker))
    .execute();
  for (const { id, name, revoked_at } of keys) {
    if (revoked_at === null) {
      await transaction.db.updateTable('api_keys').set({ revoked_at: now }).where('id', '=', id).execute();
      await record(transaction, {
        at: now,
        actor: by,
        action: 'key.revoke',
        subject: `key:${name}`,
        detail: { id },
      });
    }
    await revokeMade(transaction, by, { keyId: id }, now);
  }
}

function madeBy(maker: Maker) {
  return 'keyId' in maker
    ? sql<boolean>`made_by_key = ${maker.keyId}`
    : sql<boolean>`created_by = ${maker.label}`;
}
