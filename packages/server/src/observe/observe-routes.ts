import type { IncomingHttpHeaders } from 'node:http';
import { DaybookError } from '@daybook/core';
import { z } from 'zod';
import { isLoopback } from '../access/addresses.ts';
import type { Actor } from '../actor.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import type { Metrics } from './metrics.ts';

const group = 'Health';

/** What the routes of this room are made of. */
export interface ObserveParts {
  readonly store: Pick<Store, 'ping'>;
  readonly metrics: Pick<Metrics, 'scrape'>;
  /** True as soon as the process has been asked to stop. */
  draining(): boolean;
  authenticate(headers: IncomingHttpHeaders): Actor | Promise<Actor>;
}

/** An answer that takes longer is none for whoever watches over us, milliseconds. */
const PATIENCE = 2_000;

export function observeRoutes(parts: ObserveParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/health/alive',
      access: 'public',
      group,
      summary: 'Is the process alive?',
      answers: { 200: { description: 'It is', schema: z.object({ status: z.literal('ok') }) } },
      handle: () => ({ body: { status: 'ok' } }),
    }),
    route({
      method: 'GET',
      path: '/health/ready',
      access: 'public',
      group,
      summary: 'Should requests be sent here?',
      answers: {
        200: { description: 'Yes', schema: z.object({ status: z.literal('ok') }) },
        503: {
          description: 'Not now',
          schema: z.object({ status: z.literal('unavailable'), reason: z.enum(['stopping', 'database']) }),
        },
      },
      handle: async () => {
        const reason = await whyNotReady(parts);
        return reason === undefined
          ? { body: { status: 'ok' } }
          : { status: 503, body: { status: 'unavailable', reason } };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      access: 'public',
      group,
      summary: 'Metrics for Prometheus',
      description: 'For admins, and without credentials for this machine itself.',
      answers: { 200: { description: 'The metrics', type: 'text/plain' } },
      handle: async ({ headers, ip }) => {
        if (!(isLoopback(ip) && !isForwarded(headers))) await refuseOthers(parts, headers);
        const { text, type } = await parts.metrics.scrape();
        return { headers: { 'content-type': type, 'cache-control': 'no-store' }, body: text };
      },
    }),
  ];
}

async function whyNotReady({ store, draining }: ObserveParts): Promise<'stopping' | 'database' | undefined> {
  if (draining()) return 'stopping';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'database'>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, 'database');
  });
  const answer = store.ping().then(
    () => undefined,
    () => 'database' as const,
  );
  const reason = await Promise.race([answer, late]);
  clearTimeout(timer);
  return reason;
}

/** A proxy on this machine speaks for others, who are not this machine. */
function isForwarded(headers: IncomingHttpHeaders): boolean {
  return ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'].some(
    (name) => headers[name] !== undefined,
  );
}

async function refuseOthers({ authenticate }: ObserveParts, headers: IncomingHttpHeaders): Promise<void> {
  const actor = await authenticate(headers);
  if (actor.role !== 'admin') throw new DaybookError('forbidden', 'Metrics are for admins.');
}
