import {
  editOf,
  endChange,
  type JobStatus,
  silenceChange,
  type Ticket,
  type TicketFields,
  type TrackerFilesSettings,
} from '@daybook/core';
import { type SqlBool, sql } from 'kysely';
import { verdictOf } from '../../jobs/parents.ts';
import type { Transaction } from '../../storage/index.ts';
import { type ItemRow, readItems } from '../item-rows.ts';
import type { Care } from '../source.ts';
import { addEdit, pendingEdits, TRACKER, withPending } from './ticket-edits.ts';

type Tending = Pick<Care<TrackerFilesSettings>, 'store' | 'sourceId' | 'clock' | 'settings' | 'lookedUntil'>;

/** Tickets that are judged in one look. */
const MOST = 500;
/** Whatever has not changed for so long will hardly change just now, milliseconds. */
const SETTLED = 60_000;

/**
 * The monitor of the contract: a running job that was silent for longer than its timeout waits again, or fails when it has
 * no tries left. Silence is both the date in the ticket and what we saw ourselves, so that a clock which stands wrong
 * stalls nobody. A parent is as alive as its children.
 */
export async function retrySilent(tending: Tending): Promise<void> {
  const { store, sourceId, settings, clock } = tending;
  const before = clock.now() - settings.timeout * 1_000;
  const silent = await store.read
    .selectFrom('source_items')
    .select('item')
    .where('source_id', '=', sourceId)
    .where('status', '=', 'running')
    .where('quiet_since', '<', before)
    .where('gone_at', 'is', null)
    .limit(MOST)
    .execute();
  const items = silent.map(({ item }) => item);
  await judge(tending, items, async (transaction, known, ticket) => {
    const { job_status: status } = ticket.job_management;
    if (known.quiet_since >= before || status !== 'running') return undefined;
    if (await hasActiveChildren(transaction, sourceId, known.external_id as string)) return undefined;
    await transaction.db
      .updateTable('jobs')
      .set({ stalled: 1 })
      .where('id', '=', known.job_id as number)
      .execute();
    const message = `Nothing was heard of it for ${settings.timeout} s, and it has no tries left.`;
    return silenceChange(ticket, settings.maxNumberOfTries, message, clock.now());
  });
}

/**
 * The rule of parents of the contract, which is that of the queue (`verdictOf`): when the last child has ended, and this
 * look saw none of them change, so that a parent which makes its children one after the other is not ended between two.
 */
export async function endParents(tending: Tending): Promise<void> {
  const { store, sourceId, settings, clock, lookedUntil } = tending;
  const before = Math.max(lookedUntil, clock.now() - SETTLED);
  const candidates = await store.people
    .selectFrom('source_items as child')
    .innerJoin('source_items as parent', (join) =>
      join
        .onRef('parent.source_id', '=', 'child.source_id')
        .onRef('parent.external_id', '=', 'child.parent_id'),
    )
    .select('parent.item')
    .where('child.source_id', '=', sourceId)
    .where('child.parent_id', 'is not', null)
    .where('parent.status', 'in', ['queued', 'running'])
    .where('parent.quiet_since', '<=', before)
    .groupBy('parent.item')
    .having(sql<SqlBool>`max(child.quiet_since) <= ${before}`)
    .having(
      sql<SqlBool>`sum(CASE WHEN child.status IN ('queued', 'running', 'unknown') THEN 1 ELSE 0 END) = 0`,
    )
    .limit(MOST)
    .execute();
  const items = candidates.map(({ item }) => item);
  await judge(tending, items, async (transaction, known, ticket) => {
    if (ticket.job_management.job_status === 'success' || ticket.job_management.job_status === 'failed')
      return undefined;
    const children = await childrenOf(transaction, sourceId, known.external_id as string);
    if ([...children.keys()].some((status) => ACTIVE.has(status))) return undefined;
    const { status, message } = verdictOf(children, settings.maxFailedChildren);
    if (status === 'finished') return undefined;
    return endChange(ticket, status === 'succeeded' ? 'success' : 'failed', message, clock.now());
  });
}

const ACTIVE = new Set<JobStatus>(['queued', 'running', 'unknown']);

type Judge = (transaction: Transaction, known: ItemRow, ticket: Ticket) => Promise<TicketFields | undefined>;

/** Makes an edit of each verdict. A ticket that has edits already is judged when they are written. */
async function judge(
  { store, sourceId, clock }: Tending,
  items: readonly string[],
  verdict: Judge,
): Promise<void> {
  if (items.length === 0) return;
  await store.write(async (transaction) => {
    await store.profile.oneAtATime(transaction.db, `source ${sourceId}`);
    const now = clock.now();
    const pending = await pendingEdits(transaction.db, sourceId, items);
    const known = await readItems(transaction, sourceId, items);
    for (const each of known.values()) {
      if (pending.has(each.item) || each.content === null || each.job_id === null) continue;
      const ticket = withPending(each.content, [], now);
      const change = await verdict(transaction, each, ticket);
      if (change === undefined) continue;
      const { item, job_id: jobId } = each;
      await addEdit(transaction, {
        ...editOf(ticket, change),
        sourceId,
        item,
        jobId,
        actor: TRACKER,
        now,
      });
    }
  });
}

async function childrenOf(
  { db }: Transaction,
  sourceId: number,
  parent: string,
): Promise<Map<JobStatus, number>> {
  const rows = await db
    .selectFrom('source_items')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where('source_id', '=', sourceId)
    .where('parent_id', '=', parent)
    .where('status', 'is not', null)
    .groupBy('status')
    .execute();
  return new Map(rows.map((row) => [row.status as JobStatus, Number(row.count)]));
}

async function hasActiveChildren(
  transaction: Transaction,
  sourceId: number,
  parent: string,
): Promise<boolean> {
  const children = await childrenOf(transaction, sourceId, parent);
  return [...children.keys()].some((status) => ACTIVE.has(status));
}
