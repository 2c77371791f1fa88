import {
  type Configuration,
  type ConfigurationBody,
  faultsOf,
  type JobCreateBody,
  jobCreateSchema,
  limits,
  plainSentence,
  toIso,
} from '@daybook/core';
import { BundlesApi } from './api/bundles.ts';
import { type JobQuery, JobsApi, type Page } from './api/jobs.ts';
import { KeysApi } from './api/keys.ts';
import { MaintenanceApi } from './api/maintenance.ts';
import { QueueApi } from './api/queue.ts';
import type { Session } from './api/session.ts';
import { SourcesApi } from './api/sources.ts';
import { followStream, type StreamItem } from './api/stream.ts';
import { UploadsApi } from './api/uploads.ts';
import { type Clock, systemClock } from './clock.ts';
import { HttpClient } from './http/client.ts';
import { DaybookApiError, DaybookUsageError, problemText } from './http/errors.ts';
import { defaultPace, type Pace } from './http/retry.ts';
import { JobHandle } from './reporting/job-handle.ts';
import { guarded, type OnProblem, warnOnce } from './reporting/problem.ts';
import { Reporter, type ReporterContext } from './reporting/reporter.ts';
import { asText, cleanLabel, cleanObject, cleanText } from './reporting/text.ts';
import { apiKeyFrom, apiUrl, checkedKey, type DaybookOptions, defaultUrl } from './settings.ts';
import { defaultSpoolDirectory } from './spool/directory.ts';
import { type SyncOutcome, syncSpool } from './spool/sync.ts';
import { syncTickets, type TicketSyncOutcome } from './ticket-sync/ticket-sync.ts';
import type { WorkHandler } from './worker/attempt.ts';
import { WorkerHandle } from './worker/worker-handle.ts';
import type { WorkerOptions } from './worker/worker-options.ts';

const SPOOL_BYTES = 64 * 1024 * 1024;

/**
 * The way to a Daybook server.
 *
 * @example
 * const daybook = new Daybook();
 * await daybook.track({ name: 'nightly import' }, async (job) => {
 *   await job.step('fetch', async (step) => {
 *     for (const [n, file] of files.entries()) {
 *       await fetchOne(file);
 *       step.progress((100 * (n + 1)) / files.length);
 *     }
 *   });
 * });
 */
export class Daybook {
  readonly jobs: JobsApi;
  readonly keys: KeysApi;
  readonly maintenance: MaintenanceApi;
  readonly queue: QueueApi;
  readonly bundles: BundlesApi;
  readonly uploads: UploadsApi;
  readonly sources: SourcesApi;
  readonly spoolDirectory: string;
  readonly #http: HttpClient;
  readonly #apiKey: string | undefined;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #random: () => number;
  readonly #onProblem: OnProblem;
  readonly #hurry: AbortSignal | undefined;
  readonly #spoolBytes: number;
  #lookedForOld = false;

  /** @throws DaybookUsageError if the address or the key cannot be one */
  constructor(options: DaybookOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#pace = { ...defaultPace, ...options.pace };
    this.#random = options.random ?? Math.random;
    this.#onProblem = guarded(options.onProblem ?? warnOnce());
    this.#hurry = options.hurry;
    this.#spoolBytes = options.spoolBytes ?? SPOOL_BYTES;
    this.spoolDirectory = options.spoolDirectory ?? defaultSpoolDirectory();
    this.#apiKey =
      options.apiKey === undefined ? apiKeyFrom(process.env) : checkedKey(options.apiKey, 'apiKey');
    this.#http = new HttpClient({
      url: apiUrl(options.url ?? (process.env['DAYBOOK_URL'] || defaultUrl)),
      apiKey: this.#apiKey,
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      timeout: this.#pace.requestTimeout,
      now: () => this.#clock.now(),
    });
    this.jobs = new JobsApi(this.#http);
    this.bundles = new BundlesApi(this.#http);
    this.uploads = new UploadsApi(this.#http);
    this.keys = new KeysApi(this.#http);
    this.maintenance = new MaintenanceApi(this.#http);
    this.queue = new QueueApi(this.#http);
    this.sources = new SourcesApi(this.#http);
  }

  /** Address of the API, `https://host/api/v1`. */
  get url(): string {
    return this.#http.url;
  }

  get hasKey(): boolean {
    return this.#http.hasKey;
  }

  /**
   * Creates a job that this process runs and reports on; it is `running` from now unless another status is given. Waits
   * up to two seconds for the server; if it is away, the job is created later and the handle works all the same.
   *
   * @throws DaybookApiError if the server refuses the job: its target is busy, its configuration unknown
   * @throws DaybookUsageError if the description is wrong, with all faults
   */
  async createJob(job: JobCreateBody): Promise<JobHandle> {
    const reporter = Reporter.forNewJob(this.#reporterContext(), this.#describe(job));
    const problem = await reporter.firstContact();
    if (problem === undefined) return new JobHandle(reporter, this.#onProblem);
    await reporter.discard();
    throw new DaybookApiError(problem);
  }

  /**
   * As `createJob`, but returns at once: for work that must start now and run whatever the server says. If the server
   * refuses the job, the record stays in the spool and `onProblem` is told.
   *
   * @throws DaybookUsageError if the description is wrong
   */
  startJob(job: JobCreateBody): JobHandle {
    const reporter = Reporter.forNewJob(this.#reporterContext(), this.#describe(job));
    reporter.begin();
    return new JobHandle(reporter, this.#onProblem);
  }

  /**
   * Runs `work` as a job: succeeded when it is through, failed when it throws, unless `work` has said how it ended. The
   * error goes on to the caller. A job with a `target` waits for the server's word before `work` begins.
   *
   * @throws whatever `work` throws; DaybookApiError if the job has a target and is refused; DaybookUsageError
   */
  async track<T>(description: JobCreateBody, work: (job: JobHandle) => T | Promise<T>): Promise<T> {
    const job =
      description.target === undefined ? this.startJob(description) : await this.createJob(description);
    try {
      const result = await work(job);
      await job.succeed();
      return result;
    } catch (error) {
      await job.fail(error);
      throw error;
    }
  }

  /**
   * Works on jobs that others offer (execution `claimed`): claims up to `concurrency` of them, runs `handler` on each, and
   * says how they ended. Returns at once; the worker holds the process until `stop`.
   *
   * A handler that returns means `succeeded`. One that throws means `failed`: the job is tried again later while it has
   * tries left, unless it was a `PermanentError`; after a `TryLaterError` it goes back and nothing is counted. `context.signal`
   * is aborted when the job is canceled, its lease is lost, or the worker stops. The lease is renewed by a thread of its own
   * (with Node's own fetch, whatever `options.fetch` is), so a handler may keep the main thread busy; while the server is
   * away handlers go on, and what they report waits in memory.
   *
   * @example
   * const worker = daybook.worker({ configurations: ['import'] }, async (job, context) => {
   *   await context.step('copy', (step) =>
   *     copyTo(job.target, { signal: context.signal, onPercent: (percent) => step.progress(percent) }),
   *   );
   *   return { metadata: { rows: 17 } };
   * });
   * process.once('SIGTERM', () => worker.stop());
   * await worker.closed;
   *
   * @throws DaybookUsageError if the options are wrong
   */
  worker(options: WorkerOptions, handler: WorkHandler): WorkerHandle {
    const parts = {
      queue: this.queue,
      url: this.#http.url,
      apiKey: this.#apiKey,
      reporting: this.#reporterContext(),
    };
    return new WorkerHandle(parts, options, handler);
  }

  /** Stores a configuration; the same tag, version and content again is fine. */
  async registerConfiguration(configuration: ConfigurationBody): Promise<Configuration> {
    return (await this.#http.request<Configuration>('POST', '/configurations', { body: configuration })).body;
  }

  /** The latest version of every configuration that one may see, by tag. */
  async configurations(): Promise<Configuration[]> {
    const all: Configuration[] = [];
    for (let cursor: string | undefined; ; ) {
      const query = { limit: limits.pageSize, cursor };
      const { body } = await this.#http.request<Page<Configuration>>('GET', '/configurations', { query });
      all.push(...body.items);
      cursor = body.nextCursor;
      if (cursor === undefined) return all;
    }
  }

  /** Who we are to the server, and which version it is. */
  async session(): Promise<{ session: Session; serverTime: number | undefined }> {
    const { body, headers } = await this.#http.request<Session>('GET', '/session');
    const date = Date.parse(headers.get('date') ?? '');
    return { session: body, serverTime: Number.isNaN(date) ? undefined : date };
  }

  /** What happens from now on to the jobs that match, over lost connections, until `signal` is aborted. */
  stream(query: JobQuery, signal: AbortSignal): AsyncGenerator<StreamItem> {
    return followStream({
      http: this.#http,
      clock: this.#clock,
      pace: this.#pace,
      random: this.#random,
      query,
      signal,
    });
  }

  /** Delivers what earlier processes left in a spool; see `syncSpool`. */
  sync(
    options: { directory?: string; anyServer?: boolean; refused?: boolean; signal?: AbortSignal } = {},
  ): AsyncGenerator<SyncOutcome> {
    return syncSpool({
      directory: this.spoolDirectory,
      http: this.#http,
      clock: this.#clock,
      pace: this.#pace,
      random: this.#random,
      ...options,
    });
  }

  /** Brings a directory of job tracker files to the server, and edits back into the files; see `syncTickets`. */
  syncTickets(options: {
    directory: string;
    source?: string;
    signal?: AbortSignal;
  }): AsyncGenerator<TicketSyncOutcome> {
    return syncTickets({
      sources: this.sources,
      clock: this.#clock,
      pace: this.#pace,
      random: this.#random,
      ...options,
    });
  }

  #reporterContext(): ReporterContext {
    return {
      http: this.#http,
      clock: this.#clock,
      pace: this.#pace,
      random: this.#random,
      onProblem: this.#onProblem,
      spoolDirectory: this.spoolDirectory,
      spoolBytes: this.#spoolBytes,
      onDelivered: () => this.#sendOld(),
      hurry: this.#hurry,
    };
  }

  /** The first time that the server takes something, what earlier processes left is sent too. */
  #sendOld(): void {
    if (this.#lookedForOld) return;
    this.#lookedForOld = true;
    void this.#drainOld();
  }

  async #drainOld(): Promise<void> {
    try {
      for await (const outcome of this.sync()) {
        if (outcome.kind !== 'refused') continue;
        const message = `an earlier record, ${outcome.path}, was refused: ${problemText(outcome.problem)}`;
        this.#onProblem({ kind: 'refused', message });
      }
    } catch (error) {
      this.#onProblem({
        kind: 'disk',
        message: `the spool cannot be read: ${asText(error)}`,
        error: error as Error,
      });
    }
  }

  /** Texts are mended, structure is checked: a wrong description is found in the first run, an odd name never hurts. */
  #describe(job: JobCreateBody): JobCreateBody {
    const now = toIso(this.#clock.now());
    const started =
      job.execution === 'claimed' || (job.status ?? 'running') !== 'running'
        ? {}
        : { status: 'running' as const, startedAt: now };
    const body = { submittedAt: now, ...started, ...cleanDescription(job) };
    const result = jobCreateSchema.safeParse(body, { error: plainSentence });
    if (result.success) return body;
    throw new DaybookUsageError('this job cannot be created', faultsOf(result.error.issues));
  }
}

const labels = {
  name: limits.name,
  user: limits.shortText,
  customer: limits.shortText,
  solver: limits.shortText,
} as const;
const objects = ['metadata', 'context', 'parameters'] as const;

function cleanDescription(job: JobCreateBody): JobCreateBody {
  const clean: Record<string, unknown> = { ...job };
  for (const [field, max] of Object.entries(labels)) {
    if (clean[field] !== undefined) clean[field] = cleanLabel(clean[field], max);
  }
  for (const field of objects) {
    if (clean[field] !== undefined) clean[field] = cleanObject(clean[field]) ?? clean[field];
  }
  for (const field of ['info', 'summary']) {
    if (clean[field] !== undefined) clean[field] = cleanText(clean[field], limits.longText);
  }
  return clean as JobCreateBody;
}
