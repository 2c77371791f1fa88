import { DaybookError } from '@daybook/core';
import type { Store } from '../storage/index.ts';
import { type Asking, ask, fieldOf, ServiceAwayError } from './asking.ts';

/** The old unique-id service, if numbers come from it. */
export interface NumberService {
  readonly url: string;
  readonly asking: Asking;
}

/** What is numbered there: uploads, and the files in them. */
export type NumberMode = 'upload_job' | 'file';

/** Asks the old service for `count` numbers that follow each other; answers the first. Throws `unavailable`. */
export async function numbersFrom(
  { url, asking }: NumberService,
  mode: NumberMode,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  const address = new URL(`${url.replace(/\/$/, '')}/getid`);
  address.searchParams.set('range', String(count));
  address.searchParams.set('mode', mode);
  try {
    const { body } = await ask(address.href, { method: 'GET' }, asking, signal);
    const first = fieldOf(body, 'startIndex');
    if (Number.isSafeInteger(first) && (first as number) > 0) return first as number;
    throw new DaybookError('unavailable', 'The unique-id service gave no number. Try again.');
  } catch (error) {
    if (!(error instanceof ServiceAwayError)) throw error;
    throw new DaybookError('unavailable', `The unique-id service ${error.message}. Try again.`, {
      cause: error,
    });
  }
}

const FILES = 'ingest_files';

/** Our own numbers of files: takes `count` that follow each other and answers the first. */
export async function ownFileNumbers(store: Store, count: number, first: number): Promise<number> {
  return store.write(async ({ db }) => {
    await db
      .insertInto('counters')
      .values({ name: FILES, value: first - 1 })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const { value } = await db
      .updateTable('counters')
      .set((eb) => ({ value: eb('value', '+', count) }))
      .where('name', '=', FILES)
      .returning('value')
      .executeTakeFirstOrThrow();
    return value - count + 1;
  });
}
