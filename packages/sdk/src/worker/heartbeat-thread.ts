import { parentPort, workerData } from 'node:worker_threads';
import { type HeldLease, type Order, Renewal, type Renewed } from './renewal.ts';

/**
 * The thread that says "I live" for a worker, so that a handler which keeps the main thread busy does not lose its job.
 * See `Renewal` for when, `LeaseKeeper` for the other end.
 */
export interface HeartbeatThreadData {
  /** Of the API. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly userAgent: string;
}

const { url, apiKey, userAgent } = workerData as HeartbeatThreadData;

async function send(leases: readonly HeldLease[], timeout: number): Promise<readonly Renewed[]> {
  const response = await fetch(`${url}/queue/heartbeat`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': userAgent,
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({ leases }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  const answer = (await response.json()) as { items?: readonly Renewed[] };
  return response.ok ? (answer.items ?? []) : [];
}

const renewal = new Renewal(send, (lost) => parentPort?.postMessage(lost));
parentPort?.on('message', (order: Order) => renewal.obey(order));
