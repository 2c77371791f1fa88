import { isoInstant, jsonObject, toIso } from '@daybook/core';
import { z } from 'zod';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { idBelow, pageOf } from './id-cursor.ts';
import { pageQuery } from './route-parts.ts';

const auditEntry = z
  .object({
    id: z.int(),
    at: isoInstant,
    actor: z.string().meta({ description: '`user:doea`, `key:ci`, `command`, `daybook`' }),
    action: z.string(),
    subject: z.string(),
    detail: jsonObject.nullable(),
  })
  .meta({ id: 'AuditEntry' });

export function auditRoutes(store: Store): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/audit',
      access: 'audit.read',
      group: 'Audit',
      summary: 'What was done to Daybook itself, the latest first',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(auditEntry), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ query }) => ({ body: await readAudit(store, query) }),
    }),
  ];
}

async function readAudit(store: Store, page: z.output<typeof pageQuery>) {
  const before = idBelow('audit', page.cursor);
  const rows = await store.read
    .selectFrom('audit')
    .selectAll()
    .$if(before !== undefined, (query) => query.where('id', '<', before as number))
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, ...next } = pageOf('audit', rows, page.limit);
  return {
    items: items.map(({ at, detail, ...row }) => ({
      ...row,
      at: toIso(at),
      detail: detail === null ? null : JSON.parse(detail),
    })),
    ...next,
  };
}
