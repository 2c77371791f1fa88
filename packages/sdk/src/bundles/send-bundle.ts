import { BundlePlan } from '@daybook/core';
import type { UploadsApi } from '../api/uploads.ts';
import { DaybookApiError } from '../http/errors.ts';
import { BundleStream, FileChangedError } from './bundle-stream.ts';
import type { LocalFile } from './local-files.ts';
import { breaks, pause, sendAll } from './send-all.ts';
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

/**
 * Sends files as a bundle, reading each once; goes on where it stopped after a broken link, and, by its memory, after the
 * process was stopped. Resolves when all bytes are safely stored: the job says what came of it.
 *
 * @throws DaybookApiError what is refused (`bundle_refused`: the bundle cannot be taken in)
 * @throws FileChangedError when a file is not what it was: the job is canceled
 * @throws the signal's reason; what was sent is kept for the next call
 */
export async function sendBundle(uploads: UploadsApi, options: SendOptions): Promise<SentBundle> {
  const { entries, files, memory, signal } = options;
  const before = options.job === undefined ? await known(uploads, options) : undefined;
  const madeAt = before?.madeAt ?? Math.floor(options.now() / 1_000);
  const plan = new BundlePlan(entries, files, madeAt);
  const stream = new BundleStream(plan, files, before?.hashes);
  const id = before?.id ?? (await begin(uploads, plan, options));
  const remember = () => memory.write({ id, madeAt, hashes: stream.hashes });
  await remember();
  try {
    const { onTrouble, onProgress } = options;
    await sendAll(uploads, id, {
      from: (at) => stream.from(at),
      offset: before?.offset ?? 0,
      size: plan.size,
      signal,
      onTrouble,
      onProgress,
      onSafe: remember,
    });
    // All hashes are known then, also those of files that an earlier call has sent.
    await stream.metadata();
    return { jobId: id, size: plan.size, hashes: stream.hashes };
  } catch (error) {
    if (signal.aborted) await remember();
    else await memory.forget();
    // Nothing of it can be used any more: its job need not wait for the rest.
    if (error instanceof FileChangedError) await uploads.remove(id).catch(() => undefined);
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
      const wait = breaks[tries];
      if (code !== 'upload_locked' || wait === undefined) throw error;
      await pause(wait, signal);
    }
}
