import { DaybookError } from '@daybook/core';
import type { Arrival } from '../../ingest/arrival.ts';
import { BundleFault } from '../../ingest/bundle-fault.ts';
import type { Incoming } from '../../ingest/incoming.ts';
import { JobEndedError } from '../../ingest/upload-facts.ts';

/** Bytes of a refused bundle that are read and thrown away, so that its sender hears the answer. */
const THROWN_AWAY = 64 * 1024 * 1024;

/**
 * Takes a bundle that comes in one request. Resolves when its job knows all that there is to know now: it waits for a worker,
 * or it failed. `heard` is false if its sender is still at it, and too far from the end to wait. Throws what the sender
 * must hear as an error: the connection broke, or nothing can be stored; the job has failed then.
 */
export async function receiveWhole(
  arrival: Arrival,
  incoming: Incoming,
): Promise<{ readonly heard: boolean }> {
  let whole = false;
  try {
    await arrival.take(incoming);
    whole = true;
    await arrival.finish();
    return { heard: true };
  } catch (error) {
    if (error instanceof JobEndedError) await arrival.discard();
    else
      await arrival.refuse(error instanceof BundleFault ? error : brokenOff(arrival.received, error), {
        whole,
      });
    if (!(error instanceof BundleFault || error instanceof JobEndedError)) throw error;
    return { heard: whole || (await hearOut(incoming)) };
  }
}

function brokenOff(received: number, error: unknown): BundleFault {
  const after = `after ${received} bytes`;
  if (!(error instanceof DaybookError))
    return new BundleFault(
      'UPLOADING',
      'connection-lost',
      `The connection broke ${after}. Send the bundle again.`,
    );
  const [rule, what] =
    error.code === 'request_timeout' ? ['too-slow', 'It was too slow'] : ['archive-away', 'It stopped'];
  return new BundleFault('UPLOADING', rule as string, `${what} ${after}: ${error.message}`, { cause: error });
}

/** True if the rest was short enough to be read. */
async function hearOut(incoming: Incoming): Promise<boolean> {
  let size = 0;
  try {
    for await (const chunk of incoming) if ((size += chunk.length) > THROWN_AWAY) return false;
    return true;
  } catch {
    return false;
  }
}
