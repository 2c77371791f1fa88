import type { UploadsApi } from '../api/uploads.ts';
import { DaybookApiError, DaybookUnreachableError } from '../http/errors.ts';

/** What is sent, and who is told of it. */
export interface SendAllOptions {
  /** The bytes from there on; called again after a break. */
  from(offset: number): AsyncIterable<Uint8Array>;
  /** Where it begins. */
  readonly offset: number;
  /** Bytes of the whole. */
  readonly size: number;
  readonly signal: AbortSignal;
  onProgress?: ((sent: number, size: number) => void) | undefined;
  /** The link broke, or the server is away: it is tried again. */
  onTrouble?: ((error: Error) => void) | undefined;
  /** More is safe now, and was acknowledged. */
  onSafe?: (() => Promise<void>) | undefined;
}

/** One request sends for so long, milliseconds: proxies and runtimes cut those that take for ever. */
const TURN = 30_000;
/** Waits after a break, milliseconds; the last one again and again. */
export const breaks: readonly number[] = [500, 1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Sends the bytes of an upload until all of them are safe, whatever becomes of the link. Throws what another try would not
 * mend, and the signal's reason.
 */
export async function sendAll(
  uploads: UploadsApi,
  id: number,
  { from, offset: begin, size, signal, onProgress, onTrouble, onSafe }: SendAllOptions,
): Promise<void> {
  let offset = begin;
  for (let failures = 0; offset < size; ) {
    const source: { failure?: { readonly error: unknown } } = {};
    const start = offset;
    const bytes = watched(from(start), {
      onSent: (sent) => onProgress?.(start + sent, size),
      onUnreadable: (error) => {
        source.failure = { error };
      },
    });
    try {
      offset = await uploads.send(id, offset, bytes, signal);
      failures = 0;
      await onSafe?.();
    } catch (error) {
      signal.throwIfAborted();
      // To the connection it is the same whether it broke or what it should carry could not be read.
      if (source.failure !== undefined) throw source.failure.error;
      if (!isPassing(error)) throw error;
      onTrouble?.(error);
      offset = await afterBreak(uploads, id, offset, failures++, signal);
    }
  }
}

interface Watch {
  onSent(sent: number): void;
  onUnreadable(error: unknown): void;
}

/** The bytes of one request, counted. */
async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  { onSent, onUnreadable }: Watch,
): AsyncGenerator<Uint8Array, void> {
  const until = performance.now() + TURN;
  const iterator = bytes[Symbol.asyncIterator]();
  let sent = 0;
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        onUnreadable(error);
        throw error;
      });
      if (next.done === true) return;
      yield next.value;
      sent += next.value.length;
      onSent(sent);
      if (performance.now() > until) return;
    }
  } finally {
    await iterator.return?.();
  }
}

/** What another try may mend: the link, the server's or a proxy's troubles, and another offset than we thought. */
function isPassing(error: unknown): error is Error {
  if (error instanceof DaybookUnreachableError) return true;
  if (!(error instanceof DaybookApiError)) return false;
  return (
    error.status >= 500 ||
    ['conflict', 'upload_locked', 'rate_limited', 'request_timeout'].includes(error.code)
  );
}

/** Waits, and asks where to go on. */
async function afterBreak(
  uploads: UploadsApi,
  id: number,
  offset: number,
  failures: number,
  signal: AbortSignal,
): Promise<number> {
  await pause(breaks[Math.min(failures, breaks.length - 1)] as number, signal);
  try {
    return (await uploads.get(id)).offset;
  } catch (error) {
    if (isPassing(error)) return offset;
    throw error;
  }
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
