import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import {
  activeStatuses,
  activeTicketsTold,
  DaybookError,
  type Fault,
  parseTicket,
  type TicketAnswer,
  type TicketDelivery,
  type TicketReceipt,
  type TicketWrite,
} from '@daybook/core';
import { sql } from 'kysely';
import type { Actor } from '../../actor.ts';
import type { Clock } from '../../clock.ts';
import type { Store } from '../../storage/index.ts';
import type { Imported, Importer } from '../importer.ts';
import type { Finding } from '../source.ts';
import { insertSource, refuseTooMany, type SourceRow, sentenceOf, settingsOf } from '../source-rows.ts';
import { nextWrite } from './ticket-care.ts';
import { editedItems } from './ticket-edits.ts';
import { endParents, retrySilent } from './ticket-monitor.ts';
import { noteSaid } from './ticket-said.ts';
import { trackerFiles } from './ticket-source.ts';

interface DeliveryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly importer: Importer;
}

/** Texts that an answer asks to be written, at most: it is JSON in memory. */
const WRITES = 100;

/**
 * Takes tickets that `daybook sync` brings from a machine that the server does not see. A ticket is a state: the server
 * remembers the one before, and makes the events of what changed in the transaction that imports it. So the same delivery
 * again says nothing new, however often its answer was lost, and the machine needs to remember nothing.
 *
 * @throws DaybookError `invalid_request`, `conflict` when the source of this name is of another kind, or paused
 */
export async function takeDelivery(
  parts: DeliveryParts,
  actor: Actor,
  delivery: TicketDelivery,
): Promise<TicketAnswer> {
  refuseWrongHashes(delivery);
  const { store, clock, importer } = parts;
  const row = await sourceOf(parts, actor, delivery.source);
  const findings = delivery.items.flatMap((item) => findingOf(item, delivery.place) ?? []);
  const care = {
    store,
    clock,
    sourceId: row.id,
    settings: settingsOf(trackerFiles, row),
    lookedUntil: row.cycle_at ?? 0,
  };
  const files = delivery.items.map(({ file }) => file);
  await noteSaid(care, delivery.last ? undefined : files);
  const imported = await importer.take(row, trackerFiles, findings);
  const compared = await compare(store, row, delivery);
  const receipts = new Map(imported.map((each) => [each.item, receiptOf(each)]));
  if (delivery.last) {
    if (care.settings.monitor) {
      await retrySilent(care);
      await endParents(care);
    }
    await noteDelivery(store, row.id, clock.now());
  }
  return {
    sourceId: row.id,
    items: delivery.items.map(({ file }) => receipts.get(file) ?? (compared.get(file) as TicketReceipt)),
    writes: await writesFor(care, delivery.last ? undefined : files),
    ...(delivery.last &&
      delivery.place !== undefined && { active: await activeAt(store, row.id, `${delivery.place}/`) }),
  };
}

function refuseWrongHashes({ items }: TicketDelivery): void {
  const faults = items.flatMap(({ hash, text }, i): Fault[] =>
    text === undefined || hash === createHash('sha256').update(text).digest('hex')
      ? []
      : [{ path: `items[${i}].hash`, message: 'is not the SHA-256 of the text' }],
  );
  if (faults.length > 0) throw new DaybookError('invalid_request', undefined, { faults });
}

/** The source of this name that the actor's provider has; made when it brings tickets for the first time. */
async function sourceOf({ store, clock }: DeliveryParts, actor: Actor, name: string): Promise<SourceRow> {
  return await store.write(async (transaction) => {
    const { db } = transaction;
    const find = () =>
      db
        .selectFrom('sources')
        .selectAll()
        .where('provider_id', '=', actor.providerId)
        .where('name', '=', name)
        .where('removed_at', 'is', null)
        .executeTakeFirst();
    let row = await find();
    if (row === undefined) {
      await refuseTooMany(transaction);
      await insertSource(transaction, {
        provider: actor.providerId,
        name,
        kind: trackerFiles.kind,
        settings: {},
        enabled: true,
        actor,
        now: clock.now(),
      });
      row = await find();
    }
    if (row?.kind !== trackerFiles.kind)
      throw new DaybookError('conflict', `There is a source ${name} of another kind. Name another one.`);
    if (row.enabled === 0)
      throw new DaybookError('conflict', `The source ${name} is paused. Nothing was stored.`);
    return row;
  });
}

type Item = TicketDelivery['items'][number];

function findingOf({ file, hash, text, problem }: Item, place: string | undefined): Finding | undefined {
  const where = place === undefined ? {} : { place: `${place}/${file}` };
  if (problem !== undefined) return { item: file, mark: '', problem: problemOf(problem), ...where };
  if (text === undefined) return undefined;
  const own = `${parseTicket(text).ticket?.job_ticket_id ?? basename(file, '.json')}.json`;
  if (own !== file)
    return { item: file, mark: '', problem: problemOf({ code: 'wrong_name', detail: own }), ...where };
  return { item: file, mark: '', hash, content: text, ...where };
}

function problemOf({ code, detail }: NonNullable<Item['problem']>) {
  return { code: `source.problem.${code}`, ...(detail !== undefined && { detail }) };
}

async function compare(
  store: Store,
  row: SourceRow,
  { items }: TicketDelivery,
): Promise<Map<string, TicketReceipt>> {
  if (items.length === 0) return new Map();
  const known = await store.read
    .selectFrom('source_items')
    .select(['item', 'hash', 'job_id', 'problem'])
    .where('source_id', '=', row.id)
    .where(
      'item',
      'in',
      items.map(({ file }) => file),
    )
    .execute();
  const byItem = new Map(known.map((each) => [each.item, each]));
  return new Map(
    items.map(({ file, hash }) => {
      const each = byItem.get(file);
      const state = each?.hash === hash && each.job_id !== null ? 'known' : 'wanted';
      return [file, { file, state, jobId: each?.job_id ?? null }];
    }),
  );
}

function receiptOf({ item, jobId, created, events, changed, problem }: Imported): TicketReceipt {
  const sentence = problem === undefined ? null : sentenceOf(JSON.stringify(problem));
  if (sentence !== null && sentence.code !== CONTEXT)
    return { file: item, state: 'refused', jobId, problem: sentence };
  return {
    file: item,
    state: changed ? 'imported' : 'known',
    jobId,
    created,
    events,
    ...(sentence !== null && { problem: sentence }),
  };
}

/** The job is there, only its context found no place. */
const CONTEXT = 'source.problem.context';

async function noteDelivery(store: Store, id: number, now: number): Promise<void> {
  await store.write(({ db }) =>
    db
      .updateTable('sources')
      .set({ cycle_at: now, ok_at: now, failures: 0, error: null })
      .where('id', '=', id)
      .execute(),
  );
}

async function writesFor(
  care: Parameters<typeof nextWrite>[0],
  items: readonly string[] | undefined,
): Promise<TicketWrite[]> {
  const writes: TicketWrite[] = [];
  for await (const file of editedItems(care.store.read, care.sourceId, items)) {
    const write = await nextWrite(care, file);
    if (write !== undefined) writes.push({ file, hash: write.hash, text: write.text });
    if (writes.length >= WRITES) break;
  }
  return writes;
}

/** Tickets of a place whose jobs go on: whoever delivers from there says which of them have no file any more. */
async function activeAt(store: Store, sourceId: number, place: string): Promise<TicketAnswer['active']> {
  const rows = await store.read
    .selectFrom('source_items')
    .select(['item', 'job_id'])
    .where('source_id', '=', sourceId)
    .where('status', 'in', activeStatuses)
    .where('gone_at', 'is', null)
    .where(sql<string>`substr(place, 1, ${sql.lit(place.length)})`, '=', place)
    .orderBy('item')
    .limit(activeTicketsTold)
    .execute();
  return rows.flatMap(({ item, job_id }) => (job_id === null ? [] : [{ file: item, jobId: job_id }]));
}
