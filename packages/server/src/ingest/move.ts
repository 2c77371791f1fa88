import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tarEnd, tarHeader, tarPadding } from '@daybook/core';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { BundleFault } from './bundle-fault.ts';
import type { HeldJob } from './held-job.ts';
import { listedFiles } from './metadata.ts';
import { allowedPath, removeSources } from './move-sources.ts';
import type { Pipeline } from './pipeline.ts';
import type { ReceivedBundle, Reception, Receptions } from './reception.ts';
import { markReceived, type Upload } from './uploads.ts';

/** Bytes that are read at once. */
const CHUNK = 1024 * 1024;

interface MoveParts {
  readonly jobs: Jobs;
  readonly receptions: Receptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly moveRoots: readonly string[];
}

/**
 * Takes in files that are on the server: what the document lists is copied into a bundle of its own, checked like any
 * other, and removed from where it was once the bundle is in the archive.
 */
export class Move {
  readonly #receptions: Receptions;
  readonly #roots: readonly string[];
  readonly #jobs: Jobs;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor({ jobs, clock, log, receptions, moveRoots }: MoveParts) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#log = log;
    this.#receptions = receptions;
    this.#roots = moveRoots;
  }

  async run(held: HeldJob, upload: Upload, pipeline: Pipeline): Promise<void> {
    const document = new TextEncoder().encode(upload.said);
    await pipeline.run(held, upload, {
      checking: 'move files',
      readMetadata: () => [document.slice()],
      metadataSize: document.length,
      receive: () => this.#receive(held, document),
    });
    const { store } = this.#jobs;
    const jobId = held.job.id;
    const parts = { read: store.read, roots: this.#roots, log: this.#log };
    // Else a duty goes on with it; it also would if this were not marked.
    if (await removeSources(parts, jobId, document, held.signal))
      await store.write((transaction) => markReceived(transaction, jobId, this.#clock.now()));
  }

  /** What another try has copied whole is good; what it began is begun anew. */
  async #receive(held: HeldJob, document: Uint8Array): Promise<ReceivedBundle> {
    const before = await this.#receptions.ofJob(held.job.id);
    if (before?.state === 'received') return this.#receptions.received(before.bundleId);
    if (before !== undefined) await (await this.#receptions.resume(before.bundleId)).discard();
    const reception = await this.#receptions.open(held.job.id);
    try {
      await this.#copy(held, document, reception);
      return await reception.finish();
    } catch (error) {
      await reception.discard();
      throw error;
    }
  }

  async #copy(held: HeldJob, document: Uint8Array, reception: Reception): Promise<void> {
    const modifiedAt = Math.floor(Date.parse(held.job.createdAt) / 1_000);
    await reception.write(tarHeader({ path: 'metadata.txt', size: document.length, modifiedAt }));
    await reception.write(document);
    await reception.write(new Uint8Array(tarPadding(document.length)));
    for await (const files of listedFiles([document]))
      for (const { path, source } of files) {
        held.signal.throwIfAborted();
        const file = await openSource(path, source, this.#roots);
        try {
          await copyFile(file, path, reception, held.signal);
        } finally {
          await file.close();
        }
      }
    await reception.write(tarEnd);
  }
}

async function copyFile(
  file: FileHandle,
  path: string,
  reception: Reception,
  signal: AbortSignal,
): Promise<void> {
  const { size, mtimeMs } = await file.stat();
  await reception.write(tarHeader({ path, size, modifiedAt: mtimeMs / 1_000 }));
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; at < size; ) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, size - at), at);
    if (bytesRead === 0) throw moveFault('source-changed', `${path} became shorter while it was read.`);
    await reception.write(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  await reception.write(new Uint8Array(tarPadding(size)));
}

/** Opens a source, wherever links lead, if that is below one of the roots. */
async function openSource(
  path: string,
  source: string | undefined,
  roots: readonly string[],
): Promise<FileHandle> {
  if (source === undefined) throw moveFault('source-missing', `metadata.txt names no source of ${path}.`);
  const real = await allowedPath(source, roots);
  if (real === undefined)
    throw moveFault('source-outside', `The source of ${path} does not exist below a folder to move from.`);
  try {
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    throw moveFault('source-missing', `The source of ${path} cannot be read.`, error);
  }
  throw moveFault('source-missing', `The source of ${path} is no file.`);
}

function moveFault(rule: string, message: string, cause?: unknown): BundleFault {
  return new BundleFault('move files', rule, message, { cause });
}
