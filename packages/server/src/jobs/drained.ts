import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Resolves when more may be written, or when nobody takes it any more. */
export async function drained(out: ServerResponse): Promise<void> {
  const given = new AbortController();
  await Promise.race([
    once(out, 'drain', { signal: given.signal }),
    once(out, 'close', { signal: given.signal }),
  ]).finally(() => given.abort());
}
