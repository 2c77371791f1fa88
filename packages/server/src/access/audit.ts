import type { Transaction } from '../storage/index.ts';

/** Something that was done to Daybook itself. */
export interface Deed {
  readonly at: number;
  /** Label of who did it, e.g. `user:doea`. */
  readonly actor: string;
  /** `user.create`, `key.revoke` … */
  readonly action: string;
  /** What it was done to, e.g. `user:doea`. */
  readonly subject: string;
  /** What changed; never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Writes into the audit, in the transaction that does the deed. Answers the id of the entry. */
export async function record({ db }: Transaction, { detail, ...deed }: Deed): Promise<number> {
  const { id } = await db
    .insertInto('audit')
    .values({ ...deed, detail: detail === undefined ? null : JSON.stringify(detail) })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Says anew what a deed changed that is done in several transactions, so that its one entry is true after each. */
export async function amend(
  { db }: Transaction,
  id: number,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await db
    .updateTable('audit')
    .set({ detail: JSON.stringify(detail) })
    .where('id', '=', id)
    .execute();
}
