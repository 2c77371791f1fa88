import {
  bundleMemberSchema,
  bundleSchema,
  exportForms,
  incidentSchema,
  instant,
  limits,
  line,
  verificationResults,
  verificationSchema,
} from '@daybook/core';
import type { Logger } from 'pino';
import { z } from 'zod';
import { idParams, pageQuery } from '../access/route-parts.ts';
import type { Clock } from '../clock.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { findBundle, findMember, findStored, listBundles } from './bundles.ts';
import { exportName, exportTar } from './exports/exports.ts';
import { listFiles, listFolder } from './member-tree.ts';
import type { ObjectKey, ObjectStore } from './object-store.ts';
import type { ReceiptKey } from './receipt-key.ts';
import { downloadHeaders, pump, sendBytes } from './send-bytes.ts';
import { tarIn } from './tar-object.ts';
import { askVerification, closeIncident, listIncidents, listVerifications } from './verifications.ts';

export interface BundleRouteParts {
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly log: Logger;
  key(): ReceiptKey;
}

const group = 'Bundles';
const page = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });
const path = z.string().min(1).max(limits.path);
const bytes = { description: 'Its bytes; 206 with `Range`', type: 'application/octet-stream' };
const incidentParams = idParams.extend({ incident: idParams.shape.id });

export function bundleRoutes(parts: BundleRouteParts): Route[] {
  return [...listingRoutes(parts), ...byteRoutes(parts), ...verificationRoutes(parts)];
}

function listingRoutes({ store, key }: BundleRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/bundles',
      access: 'jobs.inspect',
      group,
      summary: 'Bundles in the archive, the newest first',
      query: pageQuery.extend({
        jobId: idParams.shape.id.optional(),
        project: line(limits.tag).optional(),
        since: instant.optional().meta({ description: 'Published since then' }),
        verified: z.enum([...verificationResults, 'never']).optional(),
      }),
      answers: { 200: { description: 'A page', schema: page(bundleSchema) } },
      handle: async ({ actor, query }) => ({ body: await listBundles(store.people, actor, query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/bundles/:id',
      access: 'jobs.inspect',
      group,
      summary: 'A bundle',
      params: idParams,
      answers: { 200: { description: 'The bundle', schema: bundleSchema } },
      handle: async ({ actor, params: { id } }) => ({ body: await findBundle(store.read, actor, id) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/bundles/:id/members',
      access: 'jobs.inspect',
      group,
      summary: 'What lies in a folder of a bundle, or all of its files',
      params: idParams,
      query: pageQuery.extend({
        folder: path.optional().meta({ description: 'such as data/a; the root when left out' }),
        flat: z
          .enum(['true', 'false'])
          .optional()
          .meta({ description: 'true: every file of the bundle by its path; `folder` is not looked at' }),
      }),
      answers: {
        200: { description: 'A page, by the bytes of the names', schema: page(bundleMemberSchema) },
      },
      handle: async ({ actor, params: { id }, query: { flat, folder, ...rest } }) => {
        await findBundle(store.read, actor, id);
        if (flat === 'true') return { body: await listFiles(store.people, id, rest) };
        return { body: await listFolder(store.people, id, (folder ?? '').replace(/\/+$/, ''), rest) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/receipt-key',
      access: 'jobs.inspect',
      group,
      summary: 'The public key that receipts are checked with (ed25519)',
      answers: {
        200: { description: 'The key', schema: z.object({ id: z.string(), publicKey: z.string() }) },
      },
      handle: () => ({ body: { id: key().id, publicKey: key().publicPem } }),
    }),
  ];
}

function byteRoutes(parts: BundleRouteParts): Route[] {
  const { store, log } = parts;
  const whole = (name: ObjectKey['name'], summary: string, suffix: string): Route =>
    route({
      method: 'GET',
      path: `/api/v1/bundles/:id/${suffix}`,
      access: 'jobs.inspect',
      group,
      summary,
      params: idParams,
      answers: { 200: bytes, 206: bytes },
      handle: async ({ actor, params: { id }, headers }) => {
        const { folder, size: tarSize } = await findStored(store.read, actor, id);
        const key = { folder, name };
        const size = name === 'bundle.tar' ? tarSize : ((await parts.objects.size(key)) ?? 0);
        const type = name.endsWith('.json') ? 'application/json' : 'application/x-tar';
        const fileName = `bundle-${id}${name === 'bundle.tar' ? '.tar' : `-${name}`}`;
        return sendBytes(parts, headers, { key, offset: 0, size, fileName, type, etag: `"${id}-${name}"` });
      },
    });
  return [
    whole('bundle.tar', 'The tar of a bundle, as it came', 'tar'),
    whole('manifest.json', 'Every member of a bundle with its hashes', 'manifest'),
    whole('receipt.json', 'The signed receipt of a bundle (in-toto statement, DSSE)', 'receipt'),
    route({
      method: 'GET',
      path: '/api/v1/bundles/:id/file',
      access: 'jobs.inspect',
      group,
      summary: 'A file of a bundle',
      description:
        'With `Range`, a part of it. It is always to be saved, never shown by a browser as a page.',
      params: idParams,
      query: z.strictObject({ path }),
      answers: { 200: bytes, 206: bytes },
      handle: async ({ actor, params: { id }, query, headers }) => {
        const { folder } = await findStored(store.read, actor, id);
        const {
          data_at,
          size,
          mime_type,
          sha256,
          path: found,
        } = await findMember(store.read, id, query.path);
        return sendBytes(parts, headers, {
          key: tarIn(folder),
          offset: data_at,
          size,
          fileName: found.slice(found.lastIndexOf('/') + 1),
          type: mime_type ?? 'application/octet-stream',
          etag: `"${sha256}"`,
        });
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/bundles/:id/export',
      access: 'jobs.inspect',
      group,
      summary: 'A bundle in another form, as a tar',
      description: '`tar` is the one that came; `bagit`, `ro-crate` and `ocfl` are made while they are sent.',
      params: idParams,
      query: z.strictObject({ as: z.enum(exportForms) }),
      answers: { 200: { description: 'The tar', type: 'application/octet-stream' } },
      handle: async ({ actor, params: { id }, query }) => {
        const stored = await findStored(store.read, actor, id);
        const pieces = exportTar({ ...stored, store, objects: parts.objects }, query.as);
        return {
          headers: downloadHeaders(exportName(id, query.as), 'application/x-tar'),
          stream: (out) => pump(out, pieces, log),
        };
      },
    }),
  ];
}

function verificationRoutes(parts: BundleRouteParts): Route[] {
  const { store } = parts;
  return [
    route({
      method: 'POST',
      path: '/api/v1/bundles/:id/verify',
      access: 'bundles.verify',
      group,
      summary: 'Read a bundle anew, whole, and compare it with its index',
      description:
        'Answers at once; it is done as soon as those before it are. Its `verifications` say what came of it.',
      params: idParams,
      answers: { 202: { description: 'It waits, or goes on already', schema: verificationSchema } },
      handle: async ({ actor, params: { id } }) => {
        await findBundle(store.read, actor, id);
        return { status: 202, body: await askVerification(parts, actor, id) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/bundles/:id/verifications',
      access: 'jobs.inspect',
      group,
      summary: 'When a bundle was read anew, what came of it, and what was found different',
      params: idParams,
      answers: {
        200: {
          description: 'The newest first, 500 at most',
          schema: z.object({ items: z.array(verificationSchema), incidents: z.array(incidentSchema) }),
        },
      },
      handle: async ({ actor, params: { id } }) => {
        await findBundle(store.read, actor, id);
        const [items, incidents] = [
          await listVerifications(store.read, id),
          await listIncidents(store.read, id),
        ];
        return { body: { items, incidents } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/bundles/:id/incidents/:incident/close',
      access: 'bundles.verify',
      group,
      summary: 'Say that an incident is dealt with, and how',
      params: incidentParams,
      body: z.strictObject({ note: line(limits.shortText) }),
      answers: { 200: { description: 'The incident', schema: incidentSchema } },
      handle: async ({ actor, params: { id, incident }, body }) => {
        await findBundle(store.read, actor, id);
        return { body: await closeIncident(parts, actor, id, incident, body.note) };
      },
    }),
  ];
}
