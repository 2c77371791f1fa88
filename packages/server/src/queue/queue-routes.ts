import {
  claimAnswerSchema,
  claimSchema,
  completeSchema,
  heartbeatAnswerSchema,
  leasesSchema,
  queueOverviewSchema,
  releaseSchema,
  settledSchema,
} from '@daybook/core';
import type { Clock } from '../clock.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { queueOverview } from './overview.ts';
import type { Queue } from './queue.ts';

const group = 'Queue';
const settled = { description: 'What became of each, in the order of the items', schema: settledSchema };

/** What workers ask, and what people see of the queue. */
export function queueRoutes({ queue, store, clock }: { queue: Queue; store: Store; clock: Clock }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/queue',
      access: 'queue.read',
      group,
      summary: 'The queue: what waits and runs, how fast it moves, and who works on what',
      description:
        'Counts are of the jobs that you may see, and limits those that bear on them; at most 2,000 running jobs are named.',
      answers: { 200: { description: 'As of now', schema: queueOverviewSchema } },
      handle: async ({ actor: { scope } }) => ({
        body: { ...(await queueOverview(store.people, scope, clock.now())), idle: queue.idle(scope) },
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/queue/claim',
      access: 'queue.claim',
      group,
      summary: 'Claim jobs that wait: the highest priority first, then the oldest',
      description:
        'Each job comes with a lease: renew it by heartbeat after a third of `leaseSeconds`, and send its `leaseToken` with everything you report of the job. With `wait` the answer comes as soon as there is a job, or empty when the time is over.',
      body: claimSchema,
      answers: { 200: { description: 'The jobs; none when nothing waits', schema: claimAnswerSchema } },
      handle: async ({ actor, body, gone }) => ({
        body: {
          items: await queue.claimOrWait(actor, body, gone),
          leaseSeconds: queue.leaseMs / 1_000,
        },
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/queue/heartbeat',
      access: 'queue.claim',
      group,
      summary: 'Renew leases, and hear which are no longer held',
      description:
        'Stop working on a job whose lease is not held: it was canceled, or given to another worker.',
      body: leasesSchema,
      answers: {
        200: { description: 'Each lease, in the order of the request', schema: heartbeatAnswerSchema },
      },
      handle: async ({ actor, body }) => ({ body: { items: await queue.heartbeat(actor, body.leases) } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/queue/complete',
      access: 'queue.claim',
      group,
      summary: 'Say how jobs ended',
      description:
        'Each item has its own outcome. A job that failed waits for another try while tries are left (`maxAttempts`), unless `retry` is false. Repeating an item changes nothing and is answered the same.',
      body: completeSchema,
      answers: { 200: settled },
      handle: async ({ actor, body }) => ({ body: { items: await queue.complete(actor, body.items) } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/queue/release',
      access: 'queue.claim',
      group,
      summary: 'Give jobs back, as if they had not been claimed',
      body: releaseSchema,
      answers: { 200: settled },
      handle: async ({ actor, body }) => ({ body: { items: await queue.release(actor, body.items) } }),
    }),
  ];
}
