import type { TrackerFilesSettings } from '@daybook/core';
import { readItems } from '../item-rows.ts';
import type { Care, Source } from '../source.ts';
import { editedItems, mergeEdits, pendingEdits, settleEdits } from './ticket-edits.ts';
import { endParents, retrySilent } from './ticket-monitor.ts';

/** Tickets that are written in one look: each is an fsync of its file. Those that cannot be written hold up no other. */
const WRITES = 500;

/** What the monitor finds, and what was said in the diary, goes into the files, if they are still as we know them. */
export async function careForTickets(care: Care<TrackerFilesSettings>): Promise<void> {
  if (care.settings.monitor) {
    await retrySilent(care);
    await endParents(care);
  }
  const { source } = care;
  if (source !== undefined) await writeEdits(care, source);
}

/**
 * Writes the edits that wait. A file that has changed since it was read is left alone: the next look reads it, and the
 * edits are merged into what it is then. Killed after a write, the next look finds the file as the edit wanted it.
 */
async function writeEdits(care: Care<TrackerFilesSettings>, source: Source): Promise<void> {
  const { store, sourceId, clock, signal } = care;
  let written = 0;
  for await (const item of editedItems(store.read, sourceId)) {
    if (written === WRITES) break;
    signal.throwIfAborted();
    const write = await nextWrite(care, item);
    if (write === undefined) continue;
    const replaced = await source.replace?.(item, write.hash, write.text);
    if (replaced?.kind === 'failed') {
      const { problem } = replaced;
      const place = write.place ?? undefined;
      await care.take([{ item, mark: '', problem, ...(place !== undefined && { place }) }]);
    }
    if (replaced?.kind !== 'replaced') continue;
    written += 1;
    const found = { item, mark: '', hash: replaced.hash, content: write.text };
    await care.take([found]);
    await store.write((transaction) =>
      settleEdits(transaction, { written: write.brought, conflicts: [] }, clock.now()),
    );
  }
}

/** What a ticket's file is to have. */
export interface TicketWriteOrder {
  readonly hash: string;
  readonly text: string;
  readonly place: string | null;
  readonly brought: readonly number[];
}

/**
 * Settles the edits of an item that its file has, or that it contradicts, and answers what is to be written for those
 * that are left. Undefined if there are none, or if its file cannot be read now.
 */
export async function nextWrite(
  { store, sourceId, clock }: Pick<Care, 'store' | 'sourceId' | 'clock'>,
  item: string,
): Promise<TicketWriteOrder | undefined> {
  return await store.write(async (transaction) => {
    await store.profile.oneAtATime(transaction.db, `source ${sourceId}`);
    const now = clock.now();
    const [known] = (await readItems(transaction, sourceId, [item])).values();
    const edits = (await pendingEdits(transaction.db, sourceId, [item])).get(item);
    if (known?.content == null || edits === undefined || known.gone_at !== null) return undefined;
    const merged = mergeEdits(known.content, edits, now);
    await settleEdits(transaction, merged, now);
    if (merged.text === undefined) return undefined;
    return { hash: known.hash, text: merged.text, place: known.place, brought: merged.brought };
  });
}
