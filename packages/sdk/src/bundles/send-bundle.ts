import { BundlePlan } from '@daybook/core';
import type { UploadsApi } from '../api/uploads.ts';
import { DaybookApiError, DaybookUnreachableError } from '../http/errors.ts';
import { BundleStream } from './bundle-stream.ts';
import type { LocalFile } from './local-files.ts';
import type { UploadMemory } from './upload-memory.ts';

export interface SendOptions {
  /** The metadata besides the files: entries of contracts/pacifica.md. */
  readonly entries: readonly unknown[];
  readonly files: readonly LocalFile[];
  /** What the job is called. */
  readonly name?: string | undefined;
  /** The failed job that these bytes are for; a new one when left out. */
  readonly job?: number | undefined;
  readonly memory: UploadMemory;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  onProgress?(sent: number, size: number): void;
  /** The link broke, or the server is away: it is tried again. */
  onTrouble?(error: Error): void;
}

/** What was sent: the job that takes it in, and the SHA-256 of each file. */
export interface SentBundle {
  readonly jobId: number;
  readonly size: number;
  readonly hashes: readonly string[];
}

/** One request sends for so long, milliseconds: proxies and runtimes cut those that take for ever. */
const TURN = 30_000;
/** Waits after a break, milliseconds; the last one again and again. */
const WAITS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Sends files as a bundle, reading each once; goes on where it stopped after a broken link, and, by its memory, after the
 * process was stopped. Resolves when all bytes are safely stored: the job says what came of it.
 *
 * @throws DaybookApiError what is refused (`bundle_refused`: the bundle cannot be taken in)
 * @throws FileChangedError, and the signal's reason; what was sent is kept for the next call
 */
export async function sendBundle(uploads: UploadsApi, options: SendOptions): Promise<SentBundle> {
  const { entries, files, memory, signal } = options;
  const before = options.job === undefined ? await known(uploads, options) : undefined;
  const madeAt = before?.madeAt ?? Math.floor(options.now() / 1_000);
  const plan = new BundlePlan(entries, files, madeAt);
  const stream = new BundleStream(plan, files, before?.hashes);
  let offset = before?.offset ?? 0;
  const id = before?.id ?? (await begin(uploads, plan, options));
  const remember = () => memory.write({ id, madeAt, hashes: stream.hashes });
  await remember();
  try {
    for (let failures = 0; offset < plan.size; )
      try {
        const from = offset;
        const bytes = watched(stream.from(from), (sent) => options.onProgress?.(from + sent, plan.size));
        offset = await uploads.send(id, offset, bytes, signal);
        failures = 0;
        await remember();
      } catch (error) {
        signal.throwIfAborted();
        if (!isPassing(error)) throw error;
        options.onTrouble?.(error);
        offset = await afterBreak(uploads, id, offset, failures++, signal);
      }
    // All hashes are known then, also those of files that an earlier call has sent.
    await stream.metadata();
    return { jobId: id, size: plan.size, hashes: stream.hashes };
  } catch (error) {
    if (signal.aborted) await remember();
    else await memory.forget();
    throw error;
  }
}

async function begin(uploads: UploadsApi, plan: BundlePlan, { name, job }: SendOptions): Promise<number> {
  const said = {
    ...(name !== undefined && { filename: name }),
    ...(job !== undefined && { job: String(job) }),
  };
  return (await uploads.create(plan.size, said)).jobId;
}

/** The upload that an earlier call began, if there is anything left of it. */
async function known(uploads: UploadsApi, { memory, signal }: SendOptions) {
  const remembered = await memory.read();
  if (remembered === undefined) return undefined;
  for (let tries = 0; ; tries++)
    try {
      return { ...remembered, offset: (await uploads.get(remembered.id)).offset };
    } catch (error) {
      const code = error instanceof DaybookApiError ? error.code : '';
      if (code === 'not_found') return undefined;
      // The server may not have noticed yet that the connection before this one is dead.
      if (code !== 'upload_locked' || tries === WAITS.length) throw error;
      await pause(WAITS[tries] as number, signal);
    }
}

/** The bytes of one request, counted. */
async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  onSent: (sent: number) => void,
): AsyncGenerator<Uint8Array, void> {
  const until = performance.now() + TURN;
  let sent = 0;
  for await (const chunk of bytes) {
    yield chunk;
    sent += chunk.length;
    onSent(sent);
    if (performance.now() > until) return;
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
  await pause(WAITS[Math.min(failures, WAITS.length - 1)] as number, signal);
  try {
    return (await uploads.get(id)).offset;
  } catch (error) {
    if (isPassing(error)) return offset;
    throw error;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
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
