import {
  DaybookError,
  digestHtml,
  digestMarkdown,
  digestQuerySchema,
  digestSchema,
  InvalidTimeError,
  languages,
  loadMessages,
  statisticsQuerySchema,
  statisticsSchema,
  translator,
} from '@daybook/core';
import { z } from 'zod';
import { baseAddress } from '../access/route-parts.ts';
import { askedBy } from '../jobs/asked-by.ts';
import { type Answer, type Route, route } from '../route.ts';
import { readDigest } from './digest.ts';
import { readStatistics } from './statistics.ts';
import { emailOf, type SubscriptionParts, subscribe, unsubscribe } from './subscriptions.ts';

export interface LookBackParts extends SubscriptionParts {
  readonly publicUrl?: string | undefined;
  /** True if a mail server is set. */
  readonly sendsMail: boolean;
}

const group = 'Looking back';
const language = z.enum(languages).default('en');
const formats = ['json', 'markdown', 'html'] as const;
const subscription = z
  .object({
    email: z.string().nullable().meta({ description: 'where you get it; null for nowhere' }),
    sendsMail: z.boolean().meta({ description: 'whether a mail server is set' }),
  })
  .meta({ id: 'DigestSubscription' });

/** How jobs went, over days and weeks. */
export function lookBackRoutes(parts: LookBackParts): Route[] {
  const { store, clock, timeZone } = parts;
  return [
    route({
      method: 'GET',
      path: '/api/v1/stats',
      access: 'jobs.inspect',
      group,
      summary: 'How many jobs ended per day or week, and how, and how long they waited and ran',
      description: "Days are those of the diary's time zone. Takes the filters of the list of jobs.",
      query: statisticsQuerySchema,
      answers: { 200: { description: 'The figures', schema: statisticsSchema } },
      handle: async ({ actor, query }) => {
        const when = { now: clock.now(), timeZone };
        const asked = askedBy(query, actor, when);
        return { body: await readStatistics(store.bulk, actor.scope, asked, when) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/digest',
      access: 'jobs.inspect',
      group,
      summary: 'What ran, failed, was concluded and still waits, per project, in a week',
      query: digestQuerySchema.extend({ format: z.enum(formats).default('json'), language }),
      answers: { 200: { description: 'The digest, or its text in Markdown or HTML', schema: digestSchema } },
      handle: async ({ actor, query: { format, language, ...query }, headers }) => {
        const digest = await readDigest(store.bulk, actor.scope, query, { now: clock.now(), timeZone }).catch(
          (error: unknown) => {
            if (!(error instanceof InvalidTimeError)) throw error;
            throw new DaybookError('invalid_request', undefined, {
              faults: [{ path: 'week', message: error.message }],
            });
          },
        );
        if (format === 'json') return { body: digest };
        const t = translator(language, await loadMessages(language));
        const address = baseAddress(parts, headers);
        return format === 'markdown'
          ? text('text/markdown', digestMarkdown(digest, t, address))
          : text('text/html', digestHtml(digest, t, { address }));
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/digest/subscription',
      access: 'jobs.inspect',
      group,
      summary: 'Whether I get the digest by mail',
      answers: { 200: { description: 'Where to', schema: subscription } },
      handle: async ({ actor }) => ({ body: await answerFor(parts, actor) }),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/digest/subscription',
      access: 'jobs.inspect',
      group,
      summary: 'Get the digest of each week by mail, on Monday morning',
      body: z.strictObject({ email: z.email('is no e-mail address').max(254), language }),
      answers: { 200: { description: 'Where to', schema: subscription } },
      handle: async ({ actor, body }) => {
        await subscribe(parts, actor, body);
        return { body: await answerFor(parts, actor) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/digest/subscription',
      access: 'jobs.inspect',
      group,
      summary: 'Get it no more',
      answers: { 204: { description: 'It is sent no more' } },
      handle: async ({ actor }) => {
        await unsubscribe(parts, actor);
        return { status: 204 };
      },
    }),
  ];
}

async function answerFor({ store, sendsMail }: LookBackParts, actor: Parameters<typeof emailOf>[1]) {
  return { email: await emailOf(store.read, actor), sendsMail };
}

function text(type: string, body: string): Answer {
  return {
    headers: {
      'content-type': `${type}; charset=utf-8`,
      // Its styles stand in place; nothing else of it is let through.
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    },
    body,
  };
}
