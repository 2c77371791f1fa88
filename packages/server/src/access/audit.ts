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

/** Writes into the audit, in the transaction that does the deed. */
export async function record({ db }: Transaction, { detail, ...deed }: Deed): Promise<void> {
  await db
    .insertInto('audit')
    .values({ ...deed, detail: detail === undefined ? null : JSON.stringify(detail) })
    .execute();
}
