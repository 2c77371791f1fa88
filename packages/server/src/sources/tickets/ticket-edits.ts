import {
  type MergedEdit,
  mergeEdit,
  parseJsonExactly,
  parseTicket,
  type Ticket,
  type TicketEdit,
  type TicketEditView,
  type TicketFields,
  ticketText,
  toIso,
} from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import type { Database, SourceEditsTable, Transaction } from '../../storage/index.ts';

type EditRow = Selectable<SourceEditsTable>;

/** Edits that the tracker itself makes are no conflict when somebody was faster: there is nothing to be decided. */
export const TRACKER = 'daybook';

/** An edit that waits to be written. */
export interface PendingEdit extends TicketEdit {
  readonly id: number;
  readonly actor: string;
}

/** What becomes of the edits of one ticket, and the text that its file is to have; undefined if nothing is to be written. */
export interface MergedEdits {
  readonly written: readonly number[];
  readonly conflicts: readonly {
    readonly id: number;
    readonly found: TicketFields;
    readonly actor: string;
  }[];
  /** Those that the text brings into the file. */
  readonly brought: readonly number[];
  readonly text: string | undefined;
  readonly ticket: Ticket;
}

/**
 * Merges edits, in the order in which they were made, into a ticket as it is in its file now. What a later one changes
 * again is not asked of the earlier one, so that a file which has the last of them has them all.
 */
export function mergeEdits(content: string, edits: readonly PendingEdit[], now: number): MergedEdits {
  let { ticket } = parseTicket(content, 'exact') as { ticket: Ticket };
  const written = doneEdits(ticket, edits, now);
  const conflicts: { id: number; found: TicketFields; actor: string }[] = [];
  const brought: number[] = [];
  for (const edit of edits) {
    if (written.includes(edit.id)) continue;
    const merged: MergedEdit = mergeEdit(ticket, edit, now);
    if (merged.kind === 'conflict') conflicts.push({ id: edit.id, found: merged.found, actor: edit.actor });
    else brought.push(edit.id);
    if (merged.kind === 'write') ticket = merged.ticket;
  }
  return { written, conflicts, brought, text: brought.length > 0 ? ticketText(ticket) : undefined, ticket };
}

function doneEdits(ticket: Ticket, edits: readonly PendingEdit[], now: number): number[] {
  const changedLater = new Set<string>();
  const done: number[] = [];
  for (const { id, change, base } of edits.toReversed()) {
    const own = Object.fromEntries(Object.entries(change).filter(([field]) => !changedLater.has(field)));
    if (mergeEdit(ticket, { change: own, base }, now).kind === 'done') done.push(id);
    for (const field of Object.keys(change)) changedLater.add(field);
  }
  return done;
}

/** The ticket with all that waits to be written into it: what the next edit is an edit of. */
export function withPending(content: string, edits: readonly PendingEdit[], now: number): Ticket {
  return mergeEdits(content, edits, now).ticket;
}

/** Items are found in pieces of so many. */
const PIECE = 500;

/** The items with edits that wait, whose content is known: all of them, however many are in the way; or of `items`. */
export async function* editedItems(
  db: Kysely<Database>,
  sourceId: number,
  items?: readonly string[],
): AsyncGenerator<string> {
  if (items?.length === 0) return;
  let query = db
    .selectFrom('source_edits')
    .innerJoin('source_items', (join) =>
      join
        .onRef('source_items.source_id', '=', 'source_edits.source_id')
        .onRef('source_items.item', '=', 'source_edits.item'),
    )
    .select('source_edits.item')
    .distinct()
    .where('source_edits.source_id', '=', sourceId)
    .where('source_edits.state', '=', 'pending')
    .where('source_items.content', 'is not', null)
    .where('source_items.gone_at', 'is', null)
    .orderBy('source_edits.item')
    .limit(PIECE);
  if (items !== undefined) query = query.where('source_edits.item', 'in', items);
  for (let last = ''; ; ) {
    const piece = await query.where('source_edits.item', '>', last).execute();
    for (const { item } of piece) yield item;
    if (piece.length < PIECE) return;
    last = (piece.at(-1) as { item: string }).item;
  }
}

/** Edits of these items that wait, each in the order in which they were made. */
export async function pendingEdits(
  db: Kysely<Database>,
  sourceId: number,
  items: readonly string[],
): Promise<Map<string, PendingEdit[]>> {
  if (items.length === 0) return new Map();
  const query = db
    .selectFrom('source_edits')
    .select(['id', 'item', 'change', 'base', 'actor'])
    .where('source_id', '=', sourceId)
    .where('state', '=', 'pending')
    .where('item', 'in', items)
    .orderBy('id');
  const edits = new Map<string, PendingEdit[]>();
  for (const { id, item, change, base, actor } of await query.execute())
    edits.set(item, [
      ...(edits.get(item) ?? []),
      { id, actor, change: fieldsOf(change), base: fieldsOf(base) },
    ]);
  return edits;
}

/** As the ticket has them: a number that was rounded on the way would be another than the one in the file. */
function fieldsOf(json: string): TicketFields {
  return parseJsonExactly(json) as TicketFields;
}

export async function addEdit(
  { db }: Transaction,
  edit: TicketEdit & { sourceId: number; item: string; jobId: number; actor: string; now: number },
): Promise<void> {
  await db
    .insertInto('source_edits')
    .values({
      source_id: edit.sourceId,
      item: edit.item,
      job_id: edit.jobId,
      state: 'pending',
      change: JSON.stringify(edit.change),
      base: JSON.stringify(edit.base),
      found: null,
      actor: edit.actor,
      created_at: edit.now,
      settled_at: null,
    })
    .execute();
}

/** Notes what became of edits; those that are not pending any more stay as they are. */
export async function settleEdits(
  { db }: Transaction,
  { written, conflicts }: Pick<MergedEdits, 'written' | 'conflicts'>,
  now: number,
): Promise<void> {
  if (written.length > 0)
    await db
      .updateTable('source_edits')
      .set({ state: 'written', settled_at: now })
      .where('id', 'in', written)
      .where('state', '=', 'pending')
      .execute();
  for (const { id, found, actor } of conflicts)
    await db
      .updateTable('source_edits')
      .set({
        state: actor === TRACKER ? 'dismissed' : 'conflict',
        found: JSON.stringify(found),
        settled_at: now,
      })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .execute();
}

/** The edits of a job, the newest first. */
export async function editsOfJob(db: Kysely<Database>, jobId: number): Promise<TicketEditView[]> {
  const rows = await db
    .selectFrom('source_edits')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('id', 'desc')
    .limit(50)
    .execute();
  return rows.map(viewOf);
}

function viewOf(row: EditRow): TicketEditView {
  return {
    id: row.id,
    state: row.state as TicketEditView['state'],
    change: JSON.parse(row.change),
    base: JSON.parse(row.base),
    found: row.found === null ? null : JSON.parse(row.found),
    actor: row.actor,
    createdAt: toIso(row.created_at),
    settledAt: row.settled_at === null ? null : toIso(row.settled_at),
  };
}
