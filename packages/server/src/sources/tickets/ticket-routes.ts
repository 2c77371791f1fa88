import {
  DaybookError,
  editOfPatch,
  type JobSource,
  jobSourceSchema,
  rowId,
  type SourceSentence,
  ticketAnswerSchema,
  ticketDeliverySchema,
  ticketPatchSchema,
  toIso,
} from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../../actor.ts';
import { visibleJobs } from '../../jobs/visible-jobs.ts';
import { type Route, route } from '../../route.ts';
import type { Importer } from '../importer.ts';
import { type ItemRow, readItems } from '../item-rows.ts';
import type { KnownJob, Source } from '../source.ts';
import { type SourceParts, type SourceRow, sentenceOf, stateOf } from '../source-rows.ts';
import { takeDelivery } from './deliveries.ts';
import { addEdit, editsOfJob, pendingEdits, withPending } from './ticket-edits.ts';
import { trackerFiles } from './ticket-source.ts';

const group = 'Sources';
const params = z.strictObject({ id: z.coerce.number().pipe(rowId) });
const editParams = z.strictObject({ id: z.coerce.number().pipe(rowId), edit: z.coerce.number().pipe(rowId) });

export interface TicketParts extends SourceParts {
  readonly importer: Importer;
  /** Opened, or undefined if nobody polls it. */
  readonly opened: (row: SourceRow) => Source | undefined;
}

export function ticketRoutes(parts: TicketParts): Route[] {
  const answer = async (actor: Actor, jobId: number) => ({ body: await jobSource(parts, actor, jobId) });
  return [
    route({
      method: 'POST',
      path: '/api/v1/tickets',
      access: 'jobs.report',
      group,
      summary: 'Bring tickets from a machine that the server does not see',
      description:
        'Tell each file with its SHA-256; send the text of those that are `wanted`, or of all at once. Saying the same again says nothing new. `writes` are edits that were made here: put each in the place of its file if that still has the hash, and send what it is then. `daybook sync DIR` does all of this.',
      body: ticketDeliverySchema,
      answers: { 200: { description: 'What became of each', schema: ticketAnswerSchema } },
      handle: async ({ actor, body }) => ({ body: await takeDelivery(parts, actor, body) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/source',
      access: 'jobs.inspect',
      group,
      summary: 'Where a job comes from: its file, its document, and what the last look found',
      params,
      answers: { 200: { description: 'How it stands', schema: jobSourceSchema } },
      handle: ({ actor, params }) => answer(actor, params.id),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/jobs/:id/ticket',
      access: 'jobs.retry',
      group,
      summary: 'Edit the ticket of a job: its status, or properties of its context',
      description:
        'Written into its file with the next look, field by field. What changed there meanwhile is a conflict, told on the page of the job, and is never written over. With `hash` the document must still be the one that you saw.',
      params,
      body: ticketPatchSchema,
      answers: { 200: { description: 'How it stands, with the edit that waits', schema: jobSourceSchema } },
      handle: async ({ actor, params, body }) => {
        const { store, clock } = parts;
        const { row, item } = await itemOfJob(parts, actor, params.id);
        if (row.kind !== trackerFiles.kind || item.content === null || item.gone_at !== null)
          throw new DaybookError('conflict', 'Only jobs whose ticket is there can be edited like this.');
        await store.write(async (transaction) => {
          await store.profile.oneAtATime(transaction.db, `source ${row.id}`);
          const [known] = (await readItems(transaction, row.id, [item.item])).values() as Iterable<ItemRow>;
          if (body.hash !== undefined && body.hash !== known?.hash)
            throw new DaybookError(
              'version_conflict',
              'The file has changed since you read it. Nothing was stored.',
            );
          const now = clock.now();
          const edits = (await pendingEdits(transaction.db, row.id, [item.item])).get(item.item) ?? [];
          const ticket = withPending(known?.content as string, edits, now);
          const edit = editOfPatch(ticket, body);
          await addEdit(transaction, {
            ...edit,
            sourceId: row.id,
            item: item.item,
            jobId: params.id,
            actor: actor.label,
            now,
          });
          await transaction.db.updateTable('sources').set({ next_at: 0 }).where('id', '=', row.id).execute();
        });
        return await answer(actor, params.id);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/jobs/:id/ticket/edits/:edit',
      access: 'jobs.retry',
      group,
      summary: 'Withdraw an edit that waits, or put a conflict aside',
      params: editParams,
      answers: { 204: { description: 'It is not written any more' } },
      handle: async ({ actor, params }) => {
        await itemOfJob(parts, actor, params.id);
        const settled = await parts.store.write(({ db }) =>
          db
            .updateTable('source_edits')
            .set({ state: 'dismissed', settled_at: parts.clock.now() })
            .where('id', '=', params.edit)
            .where('job_id', '=', params.id)
            .where('state', 'in', ['pending', 'conflict'])
            .executeTakeFirst(),
        );
        if (settled.numUpdatedRows === 0n)
          throw new DaybookError(
            'not_found',
            `There is no edit ${params.edit} that waits, or is a conflict.`,
          );
        return { status: 204 };
      },
    }),
  ];
}

async function itemOfJob(
  { store }: SourceParts,
  actor: Actor,
  jobId: number,
): Promise<{ row: SourceRow; item: ItemRow; status: string }> {
  const job = await store.read
    .selectFrom('jobs')
    .select('status')
    .where('id', '=', jobId)
    .where(visibleJobs(actor.scope))
    .executeTakeFirst();
  const item =
    job &&
    (await store.read.selectFrom('source_items').selectAll().where('job_id', '=', jobId).executeTakeFirst());
  const row =
    item &&
    (await store.read.selectFrom('sources').selectAll().where('id', '=', item.source_id).executeTakeFirst());
  if (job === undefined)
    throw new DaybookError('not_found', `There is no job ${jobId}, or you may not see it.`);
  if (row === undefined) throw new DaybookError('not_found', `No source watches job ${jobId}.`);
  return { row, item: item as ItemRow, status: job.status };
}

async function jobSource(parts: TicketParts, actor: Actor, jobId: number): Promise<JobSource> {
  const { store, kinds } = parts;
  const { row, item, status } = await itemOfJob(parts, actor, jobId);
  return {
    source: { id: row.id, name: row.name, kind: row.kind, state: stateOf(kinds, row) },
    item: item.item,
    place: item.place,
    document: item.content,
    hash: item.content === null ? null : item.hash,
    seenAt: toIso(item.seen_at),
    changedAt: toIso(item.changed_at),
    goneAt: item.gone_at === null ? null : toIso(item.gone_at),
    problem: sentenceOf(item.problem),
    waiting: whyItWaits(parts, row, item, status),
    editable: row.kind === trackerFiles.kind && item.gone_at === null && row.removed_at === null,
    edits: await editsOfJob(store.read, jobId),
  };
}

function whyItWaits(
  { opened }: TicketParts,
  row: SourceRow,
  item: ItemRow,
  status: string,
): SourceSentence | null {
  if (item.content === null) return null;
  const known: KnownJob = {
    item: item.item,
    status: status as KnownJob['status'],
    content: item.content,
    changedAt: item.changed_at,
  };
  return opened(row)?.explain(known) ?? null;
}
