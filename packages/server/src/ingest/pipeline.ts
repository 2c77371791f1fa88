import { type Job, limits, visibleName } from '@daybook/core';
import type { Jobs } from '../jobs/jobs.ts';
import { BundleFault, type Task } from './bundle-fault.ts';
import { givenBack } from './give-back.ts';
import type { HeldJob } from './held-job.ts';
import { type BundleMetadata, listedFiles, readMetadata } from './metadata.ts';
import { type MetadataService, tellMetadata } from './metadata-service.ts';
import { type NumberService, numbersFrom, ownFileNumbers } from './numbers.ts';
import { giveFiles, type OldArchive } from './old-archive.ts';
import type { Policy } from './policy.ts';
import { objectOf } from './project-schemas.ts';
import type { ReceivedBundle, Receptions } from './reception.ts';
import { ingestRecipe, moveRecipe } from './recipes.ts';
import type { Upload } from './uploads.ts';

export interface PipelineParts {
  readonly jobs: Jobs;
  readonly receptions: Receptions;
  readonly policy: Policy;
  readonly metadataService: MetadataService | undefined;
  readonly oldArchive: OldArchive | undefined;
  readonly numbers: NumberService | undefined;
  /** The first of our own numbers of files. */
  readonly firstFile: number;
}

/** A `metadata.txt` up to this size is read once, and its files are kept until they have been checked; bytes. */
const SMALL = 16 * 1024 * 1024;

/** Where a bundle comes from: it has come already, or its files are still to be copied. */
export interface BundleSource {
  /** In which task the files are held against the metadata. */
  readonly checking: 'ingest files' | 'move files';
  /** `metadata.txt`, piece by piece; whoever reads them owns them. */
  readMetadata(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Its bytes. */
  readonly metadataSize: number;
  receive(): Promise<ReceivedBundle>;
}

/**
 * What a worker does with a bundle that has come: the tasks of contracts/pacifica.md after `UPLOADING`. Each can be done
 * again from the start: another worker may have got somewhere with it. Throws `BundleFault`; whatever else it throws
 * is ours.
 */
export class Pipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  async run(held: HeldJob, upload: Upload, source: BundleSource): Promise<void> {
    const { policy } = this.#parts;
    const metadata = await held.task('load metadata', () => this.#load(held, source));
    const document = async function* () {
      yield* source.readMetadata();
    };
    await held.task('Policy Validation', () =>
      policy.check({ metadata, document, user: upload.user_name }, held.signal),
    );
    const received = await held.task(source.checking, async () => {
      const bundle = await source.receive();
      await this.#files(held, upload, bundle, metadata, source.checking);
      return bundle;
    });
    await held.task('ingest metadata', () => this.#keepMetadata(held, upload, received, metadata));
    await held.succeed((transaction) => received.publishWithin(transaction));
  }

  async #load(held: HeldJob, source: BundleSource): Promise<BundleMetadata> {
    const metadata = await readMetadata(givenBack(source.readMetadata()), {
      keepsFiles: source.metadataSize <= SMALL,
    });
    const { project, submitter, instrument, files, bytes } = metadata;
    await held.learn({ project, name: nameOf(held.job, metadata) });
    const own = { submitter, project, instrument, files, bytes };
    const said = { ...objectOf(metadata.keyValues), ...dropUndefined(own) };
    if (JSON.stringify(said).length <= limits.jsonBytes) await held.metadata(said);
    return metadata;
  }

  async #files(
    held: HeldJob,
    { strict_listing: strict, job_id: jobId }: Upload,
    received: ReceivedBundle,
    { files, listed }: BundleMetadata,
    task: BundleSource['checking'],
  ): Promise<void> {
    const { oldArchive } = this.#parts;
    const { signal } = held;
    const share = oldArchive === undefined ? 100 : 50;
    const progress = (from: number) => (done: number) =>
      held.percent(from + (share * done) / Math.max(files, 1));
    const list = listed ?? listedFiles(givenBack(received.readMetadata(signal)));
    const checked = await inTask(task, () =>
      received.checkFiles(list, { strictListing: strict === 1, signal, onProgress: progress(0) }),
    );
    if (checked.unlisted > 0) held.log(visibleName(unlistedNote(checked)));
    if (oldArchive === undefined) return;
    const firstFile = await this.#numbersOf(jobId, files, signal);
    await giveFiles(oldArchive, received, { firstFile, task, signal, onProgress: progress(share) });
  }

  async #keepMetadata(
    held: HeldJob,
    upload: Upload,
    received: ReceivedBundle,
    metadata: BundleMetadata,
  ): Promise<void> {
    const fault = metadata.faults.find(({ task }) => task === 'ingest metadata');
    if (fault !== undefined) throw fault;
    const { metadataService } = this.#parts;
    const { signal, job } = held;
    if (metadataService !== undefined) {
      const firstFile = await this.#numbersOf(job.id, metadata.files, signal);
      const transaction = Number(job.externalId ?? job.id);
      await tellMetadata(
        metadataService,
        () => received.readMetadata(signal),
        { transaction, firstFile },
        signal,
      );
    }
    await received.seal(
      {
        metadata: metadata.entries,
        project: metadata.project ?? null,
        submitter: metadata.submitter ?? null,
        instrument: metadata.instrument ?? null,
        receivedFrom: upload.label,
      },
      signal,
    );
  }

  /** The number of the first file of a job: the same in each try. */
  async #numbersOf(jobId: number, files: number, signal: AbortSignal): Promise<number> {
    const { jobs, numbers, firstFile } = this.#parts;
    const { store } = jobs;
    const row = await store.read
      .selectFrom('uploads')
      .select('first_file')
      .where('job_id', '=', jobId)
      .executeTakeFirstOrThrow();
    if (row.first_file !== null) return row.first_file;
    const count = Math.max(files, 1);
    const first =
      numbers === undefined
        ? await ownFileNumbers(store, count, firstFile)
        : await numbersFrom(numbers, 'file', count, signal);
    await store.write(({ db }) =>
      db.updateTable('uploads').set({ first_file: first }).where('job_id', '=', jobId).execute(),
    );
    return first;
  }
}

/** The archive knows one task of checking files; those of a move have another. */
async function inTask<T>(task: Task, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BundleFault) || error.task !== 'ingest files') throw error;
    throw new BundleFault(task, error.rule, error.message, { cause: error });
  }
}

function unlistedNote({ unlisted, examples }: { unlisted: number; examples: readonly string[] }): string {
  const more = unlisted > examples.length ? ', …' : '';
  const files = unlisted === 1 ? 'file is' : 'files are';
  return `${unlisted} ${files} not listed in metadata.txt: ${examples.join(', ')}${more}`;
}

/** What the diary calls a bundle that its sender did not name. */
function nameOf({ name }: Job, { project, files }: BundleMetadata): string | undefined {
  if (project === undefined || ![ingestRecipe.name, moveRecipe.name].includes(name)) return undefined;
  return `${project} · ${files} ${files === 1 ? 'file' : 'files'}`;
}

function dropUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A job without a bundle: its bytes did not come whole, or were removed when their time was over. */
export function bytesGone(): BundleFault {
  return new BundleFault(
    'UPLOADING',
    'bytes-gone',
    'The bytes of this bundle are no longer here. Send it again.',
  );
}
