import {
  DaybookError,
  jsonObject,
  label,
  limits,
  rowId,
  type SourceKindView,
  type SourceProblem,
  sourceCheckSchema,
  sourceCreateSchema,
  sourceKindSchema,
  sourcePatchSchema,
  sourceProblemSchema,
  sourceSchema,
} from '@daybook/core';
import { z } from 'zod';
import { ifMatch } from '../if-match.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import { type Answer, type Route, route } from '../route.ts';
import type { StoredProblem } from './importer.ts';
import { dutyName } from './poller.ts';
import type { SourceKind } from './source.ts';
import {
  addSource,
  checkedSettings,
  editSource,
  kindNamed,
  listSources,
  removeSource,
  type SourceParts,
  settingsOf,
  sourceRow,
} from './source-rows.ts';

const group = 'Sources';
const access = 'sources.manage';
const params = z.strictObject({ id: z.coerce.number().pipe(rowId) });
const one = { description: 'The source', schema: sourceSchema };
const checks = {
  200: { description: 'What it can, and cannot do', schema: z.object({ items: z.array(sourceCheckSchema) }) },
};
/** Milliseconds that a test may take: somebody waits for it. */
const TEST = 20_000;

export function sourceRoutes(parts: SourceParts): Route[] {
  const { store, kinds } = parts;
  const answer = async (id: number, status = 200): Promise<Answer> => {
    const [source] = await listSources(parts, id);
    if (source === undefined) throw new DaybookError('not_found', `There is no source ${id}.`);
    return { status, body: source, headers: { etag: `"${source.version}"` } };
  };
  return [
    route({
      method: 'GET',
      path: '/api/v1/sources',
      access,
      group,
      summary: 'The sources, by name',
      answers: { 200: { description: 'All of them', schema: z.object({ items: z.array(sourceSchema) }) } },
      handle: async () => ({ body: { items: await listSources(parts) } }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/sources/kinds',
      access,
      group,
      summary: 'The kinds of sources, and the settings of each',
      answers: {
        200: { description: 'All of them', schema: z.object({ items: z.array(sourceKindSchema) }) },
      },
      handle: () => ({ body: { items: [...kinds.values()].map(kindView) } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/sources',
      access,
      group,
      summary: 'Add a source',
      description:
        'Its settings are those of its kind, see `GET /sources/kinds`. It is looked at within a second or two.',
      body: sourceCreateSchema,
      answers: { 201: one },
      handle: async ({ actor, body }) => await answer(await addSource(parts, actor, body), 201),
    }),
    route({
      method: 'POST',
      path: '/api/v1/sources/test',
      access,
      group,
      summary: 'Try settings before they are kept',
      body: z.strictObject({ kind: label(limits.tag), settings: jsonObject.default({}) }),
      answers: checks,
      handle: async ({ body, gone }) => {
        const kind = kindNamed(kinds, body.kind);
        return { body: { items: await testOf(kind, checkedSettings(kind, body.settings), gone) } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/sources/:id',
      access,
      group,
      summary: 'A source',
      params,
      answers: { 200: one },
      handle: ({ params }) => answer(params.id),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/sources/:id',
      access,
      group,
      summary: 'Change the settings of a source, pause it, or let it go on',
      description: 'Send the version that you saw, as `version` or `If-Match`.',
      params,
      body: sourcePatchSchema,
      answers: { 200: one },
      handle: async ({ actor, params, body, headers }) => {
        const version = body.version ?? ifMatch(headers['if-match']);
        await editSource(parts, actor, params.id, { ...body, version });
        return await answer(params.id);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/sources/:id',
      access,
      group,
      summary: 'Remove a source',
      description:
        'Its jobs stay. Added again under its name, it goes on where it was and imports nothing twice.',
      params,
      answers: { 204: { description: 'It is polled no more' } },
      handle: async ({ actor, params }) => {
        await removeSource(parts, actor, params.id);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/sources/:id/test',
      access,
      group,
      summary: 'Say what a source can and cannot read, permission by permission',
      params,
      answers: checks,
      handle: async ({ params, gone }) => {
        const row = await sourceRow(store.read, params.id);
        const kind = kindNamed(kinds, row.kind);
        return { body: { items: await testOf(kind, settingsOf(kind, row), gone) } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/sources/:id/poll',
      access,
      group,
      summary: 'Look at a source now',
      params,
      answers: { 202: { description: 'Within a second or two' } },
      handle: async ({ params }) => {
        const row = await sourceRow(store.read, params.id);
        await store.write(async ({ db }) => {
          await db.updateTable('sources').set({ next_at: 0 }).where('id', '=', row.id).execute();
          await db.updateTable('duties').set({ next_at: 0 }).where('name', '=', dutyName(row.id)).execute();
        });
        return { status: 202 };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/sources/:id/problems',
      access,
      group,
      summary: 'What a source could not read, by file',
      params,
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(limits.pageSize).default(limits.defaultPageSize),
        cursor: z.string().max(1_000).optional(),
      }),
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(sourceProblemSchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ params, query }) => ({ body: await problemsOf(parts, params.id, query) }),
    }),
  ];
}

function kindView({ kind, settings }: SourceKind): SourceKindView {
  return { kind, settings: z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown> };
}

async function testOf(kind: SourceKind, settings: ReturnType<typeof checkedSettings>, gone: AbortSignal) {
  if (!kind.polls(settings)) return [{ ok: true, code: 'source.check.brought' }];
  const source = kind.open(settings);
  try {
    return await source.test(AbortSignal.any([gone, AbortSignal.timeout(TEST)]));
  } finally {
    source.close?.();
  }
}

async function problemsOf(
  { store }: SourceParts,
  id: number,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: SourceProblem[]; nextCursor?: string }> {
  await sourceRow(store.read, id);
  let query = store.read
    .selectFrom('source_items')
    .select(['item', 'place', 'problem', 'job_id'])
    .where('source_id', '=', id)
    .where('problem', 'is not', null)
    .orderBy('item')
    .limit(limit + 1);
  if (cursor !== undefined)
    query = query.where('item', '>', decodeCursor('item', cursor, ['text'])[0] as string);
  const rows = await query.execute();
  const items = rows.slice(0, limit).map(({ item, place, problem, job_id }): SourceProblem => {
    const { code, detail, since } = JSON.parse(problem as string) as StoredProblem;
    return { item, place, code, ...(detail !== undefined && { detail }), since, jobId: job_id };
  });
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, ...(more && { nextCursor: encodeCursor('item', [last.item]) }) };
}
