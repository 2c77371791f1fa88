import {
  claimAnswerSchema,
  claimSchema,
  completeSchema,
  heartbeatAnswerSchema,
  leasesSchema,
  releaseSchema,
  settledSchema,
} from '@daybook/core';
import { type Route, route } from '../route.ts';
import type { Queue } from './queue.ts';

const group = 'Queue';
const settled = { description: 'What became of each, in the order of the items', schema: settledSchema };

/** What workers ask. */
export function queueRoutes(queue: Queue): Route[] {
  return [
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
