import {
  DaybookError,
  languages,
  loadMessages,
  rowId,
  shareCreateSchema,
  sharedProgressSchema,
  shareMadeSchema,
  shareSchema,
  translator,
} from '@daybook/core';
import { z } from 'zod';
import { peerOf } from '../access/addresses.ts';
import { baseAddress, idParams } from '../access/route-parts.ts';
import { isWhole } from '../access/secrets.ts';
import type { Clock } from '../clock.ts';
import { RateLimiter, rateLimited } from '../http/rate-limit.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { goneBadge, progressBadge } from './badge.ts';
import { linkHolder, sharedProgress } from './shared-progress.ts';
import { listShares, openedBy, revokeShare, shareJob } from './shares.ts';

const group = 'Shares';
/** Strangers ask: per address, and enough for a page of badges. */
const RATE = { perSecond: 20, burst: 100 };
const token = z.string().max(100);

export interface ShareParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly publicUrl: string | undefined;
}

export function shareRoutes(parts: ShareParts): Route[] {
  const { store, clock, jobs } = parts;
  const strangers = new RateLimiter<string>(clock, RATE);
  const admit = (ip: string) => {
    const wait = strangers.take(peerOf(ip));
    if (wait > 0) throw rateLimited(wait, RATE.perSecond);
  };
  const opened = async (kind: 'progress' | 'badge', text: string) =>
    isWhole(text) ? await openedBy(store.read, kind, text, clock.now()) : undefined;
  return [
    route({
      method: 'POST',
      path: '/api/v1/shares',
      access: 'jobs.share',
      group,
      summary: 'Make a link by which anybody follows a job',
      description:
        'It shows name, percent, the names of the steps and the time left: no log, no parameters, no errors. It expires, and can be taken back. The badge has an address of its own that shows percent and word alone.',
      body: shareCreateSchema,
      answers: { 201: { description: 'The link', schema: shareMadeSchema } },
      handle: async ({ actor, body, headers }) => {
        const { share, tokens } = await shareJob(store, clock, actor, body);
        const base = baseAddress(parts, headers).replace(/\/+$/, '');
        return {
          status: 201,
          headers: { 'cache-control': 'no-store' },
          body: {
            ...share,
            link: `${base}/diary/progress#${tokens.progress}`,
            badge: `${base}/api/v1/badges/${tokens.badge}.svg`,
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/shares',
      access: 'jobs.share',
      group,
      summary: 'The links of a job, the newest first',
      query: z.strictObject({ job: z.coerce.number().pipe(rowId) }),
      answers: { 200: { description: 'All of them', schema: z.object({ items: z.array(shareSchema) }) } },
      handle: async ({ actor, query }) => ({
        body: { items: await listShares(store.read, actor, query.job) },
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/shares/:id',
      access: 'jobs.share',
      group,
      summary: 'Take a link back',
      description: 'Its page and its badge are gone at once.',
      params: idParams,
      answers: { 204: { description: 'It is worth nothing any more' } },
      handle: async ({ actor, params }) => {
        await revokeShare(store, clock, actor, params.id);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/shared-progress',
      access: 'public',
      group,
      summary: 'How a job goes, for whoever has the link',
      description: 'The token travels in the body, so that no log and no Referer has it.',
      body: z.strictObject({ token }),
      answers: { 200: { description: 'Its progress', schema: sharedProgressSchema } },
      handle: async ({ body, ip }) => {
        admit(ip);
        const share = await opened('progress', body.token);
        if (share === undefined)
          throw new DaybookError('not_found', 'This link was taken back, has expired, or was cut short.');
        const job = await jobs.get(linkHolder, share.jobId);
        return { headers: { 'cache-control': 'no-store' }, body: sharedProgress(job, share.expiresAt) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/badges/:token',
      access: 'public',
      group,
      summary: 'Percent and status of a job as SVG, to be shown in any page',
      params: z.strictObject({ token }),
      query: z.strictObject({ language: z.enum(languages).default('en') }),
      answers: {
        200: { description: 'The badge', type: 'image/svg+xml' },
        404: { description: 'A badge that says that the link is gone', type: 'image/svg+xml' },
      },
      handle: async ({ params, query, ip }) => {
        admit(ip);
        const share = await opened('badge', params.token.replace(/\.svg$/, ''));
        const t = translator(query.language, await loadMessages(query.language));
        const job = share && (await jobs.get(linkHolder, share.jobId));
        return {
          status: job === undefined ? 404 : 200,
          headers: {
            'content-type': 'image/svg+xml; charset=utf-8',
            'cache-control': 'no-cache',
            // Pages of other sites show it: that is what it is for.
            'cross-origin-resource-policy': 'cross-origin',
          },
          body: job === undefined ? goneBadge(t) : progressBadge(job, t),
        };
      },
    }),
  ];
}
