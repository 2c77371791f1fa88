import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { release } from '@daybook/core';
import type { Logger } from 'pino';
import { accessRoutes } from './access/access-routes.ts';
import { Authenticator } from './access/authenticate.ts';
import { isHttps } from './access/route-parts.ts';
import { SignIn } from './access/sign-in.ts';
import { TrustedNetworks } from './access/trusted-networks.ts';
import { bundleRoutes } from './archive/bundle-routes.ts';
import { openArchive } from './archive/open-archive.ts';
import { receiptKeyIn } from './archive/receipt-key.ts';
import { verifyArchive } from './archive/verify-duty.ts';
import { bulkRoutes } from './bulk/bulk-routes.ts';
import type { Clock } from './clock.ts';
import { provideBuiltIn } from './configurations/built-in.ts';
import { configurationRoutes } from './configurations/configuration-routes.ts';
import { findRecipe } from './configurations/configurations.ts';
import { estimateEnds, withTimeLeft } from './configurations/estimates.ts';
import { historyRoutes } from './configurations/history-routes.ts';
import { PastDurations } from './configurations/past-durations.ts';
import { rememberTold } from './configurations/told-ends.ts';
import { datasetRoutes } from './datasets/dataset-routes.ts';
import { Datasets } from './datasets/datasets.ts';
import { microdataRoutes } from './dialects/microdata/microdata-routes.ts';
import { CookiePersons } from './dialects/microdata/person.ts';
import { recipe as microdataRecipe } from './dialects/microdata/words.ts';
import { pacificaRoutes } from './dialects/pacifica/pacifica-routes.ts';
import { trackerRoutes } from './dialects/tracker/tracker-routes.ts';
import { digestMail } from './diary/digest-mail.ts';
import { lineageRoutes } from './diary/lineage-routes.ts';
import { lookBackRoutes } from './diary/look-back-routes.ts';
import { noteRoutes } from './diary/note-routes.ts';
import { viewRoutes } from './diary/view-routes.ts';
import { Duties } from './duties/duties.ts';
import { fillWords } from './duties/fill-words.ts';
import { logMonths, stalledJobs, tidyUp } from './duties/housekeeping.ts';
import { fileRoutes } from './files/file-routes.ts';
import { openApiDocument } from './http/openapi.ts';
import { type IngestRoom, openIngestRoom, type Patience } from './ingest/ingest-room.ts';
import { ReceptionDesk } from './ingest/receptions-desk.ts';
import { ingestRecipe, moveRecipe } from './ingest/recipes.ts';
import { sweepBundles } from './ingest/sweep-duty.ts';
import { Appender } from './jobs/appender.ts';
import { eventRoutes } from './jobs/event-routes.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { Jobs } from './jobs/jobs.ts';
import { streamRoutes } from './live/stream-routes.ts';
import { Tail } from './live/tail.ts';
import { maintenanceRoutes } from './maintenance/maintenance-routes.ts';
import { Mailer } from './notify/mailer.ts';
import { activeJobs } from './observe/active-jobs.ts';
import { Metrics } from './observe/metrics.ts';
import { observeRoutes } from './observe/observe-routes.ts';
import { limitRoutes } from './queue/limit-routes.ts';
import { lostLeases } from './queue/lost-leases.ts';
import { Queue } from './queue/queue.ts';
import { queueRoutes } from './queue/queue-routes.ts';
import { type Route, route } from './route.ts';
import type { Settings } from './settings.ts';
import { shareRoutes } from './shares/share-routes.ts';
import { Importer } from './sources/importer.ts';
import { Poller } from './sources/poller.ts';
import { schedulerKinds } from './sources/scheduler/kinds.ts';
import type { SourceKind } from './sources/source.ts';
import { sourceRoutes } from './sources/source-routes.ts';
import { ticketRoutes } from './sources/tickets/ticket-routes.ts';
import { trackerFiles } from './sources/tickets/ticket-source.ts';
import { openPostgres, openSqlite, type Store } from './storage/index.ts';
import { TarThreads } from './tar/tar-threads.ts';
import { targetRoutes } from './targets/target-routes.ts';

export { greeting } from './dialects/pacifica/dialect.ts';

/** The rooms, put together. `app.ts` alone knows them all. */
export interface House {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly appender: Appender;
  readonly queue: Queue;
  readonly authenticator: Authenticator;
  readonly tail: Tail;
  readonly duties: Duties;
  readonly metrics: Metrics;
  readonly datasets: Datasets;
  /** The doors of bundles, and the worker that takes them in. */
  readonly ingest: IngestRoom;
  /** Bundles on their way into the archive. */
  readonly receptions: ReceptionDesk;
  readonly tarThreads: TarThreads;
  /** `draining` as soon as the process has been asked to stop. */
  readonly state: { draining: boolean };
  readonly routes: readonly Route[];
}

/** The database that the settings name; its schema is not touched yet. */
export function openStore(settings: Pick<Settings, 'data' | 'databaseUrl' | 'databaseDirectUrl'>): Store {
  const { databaseUrl: url, databaseDirectUrl: directUrl, data } = settings;
  if (url !== undefined) return openPostgres({ url, ...(directUrl !== undefined && { directUrl }) });
  return openSqlite({ file: join(data, 'daybook.sqlite') });
}

/** `patience`: with senders of bundles and what is asked about them; as documented when left out. */
export function buildHouse(
  store: Store,
  settings: Settings,
  clock: Clock,
  log: Logger,
  patience?: Patience,
): House {
  const past = new PastDurations(store, clock, log);
  const leaseMs = settings.leaseSeconds * 1_000;
  const appender = new Appender({
    store,
    clock,
    estimateEnd: estimateEnds(past),
    leaseMs,
    onCommit: (events, milliseconds) => metrics.committed(events, milliseconds),
    ...(settings.timeZone !== undefined && { timeZone: settings.timeZone }),
  });
  const jobs = new Jobs({ store, appender, clock, findRecipe, withTimeLeft: withTimeLeft(past, clock) });
  const queue = new Queue({ store, appender, clock, leaseMs });
  const authenticator = new Authenticator(store, clock);
  const tail = new Tail(store, log);
  const metrics = new Metrics({
    version: release,
    engine: store.profile.name,
    activeJobs: () => activeJobs(store),
    streamClients: () => tail.followers,
  });
  const datasets = new Datasets({ directory: settings.inputDir, store, clock, log });
  const objects = openArchive(settings);
  const receiptKey = () => receiptKeyIn(settings.data);
  const tarThreads = new TarThreads();
  const receptions = new ReceptionDesk({
    store,
    objects,
    threads: tarThreads,
    key: receiptKey,
    clock,
    owner: randomUUID(),
  });
  const ingest = openIngestRoom({ jobs, queue, receptions, objects, clock, log, patience }, settings);
  const state = { draining: false };
  const authenticate = (headers: IncomingHttpHeaders) => authenticator.authenticate(headers);
  const onForget = (listener: () => void) => authenticator.onForget(listener);
  const timeZone = settings.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const mailer = mailerOf(settings);
  const importer = new Importer({ store, appender, clock, findRecipe });
  const sources = {
    store,
    clock,
    importer,
    kinds: sourceKinds(settings, clock),
  };
  const poller = new Poller({ ...sources, log });
  const duties = new Duties(
    store,
    clock,
    log,
    [
      ...(mailer === undefined
        ? []
        : [
            digestMail({
              store,
              clock,
              log,
              mailer,
              timeZone,
              address: addressOf(settings),
            }),
          ]),
      lostLeases({ store, appender, clock, leaseMs }),
      stalledJobs(store, clock, settings.stallAfter),
      rememberTold(store),
      fillWords(store, appender.words),
      tidyUp(store, clock),
      sweepBundles(receptions, settings.quarantine, log),
      verifyArchive({
        store,
        objects,
        threads: tarThreads,
        appender,
        clock,
        rate: settings.archiveVerifyRate * 1_000_000,
        every: settings.archiveVerifyEvery,
        onIncident: () => metrics.incidentOpened(),
      }),
      ...ingest.duties,
      ...(store.profile.name === 'postgres' ? [logMonths(store, clock)] : []),
    ],
    () => poller.duties(),
  );
  const signIn = new SignIn(store, clock);
  const server = {
    version: release,
    engine: store.profile.name,
    demo: settings.demo,
    feedback: settings.feedbackUrl ?? null,
  };
  const routes = [
    ...accessRoutes({ store, clock, authenticator, signIn, publicUrl: settings.publicUrl, server }),
    ...bulkRoutes({ store, appender, clock, log }),
    ...jobRoutes(jobs),
    ...eventRoutes(jobs),
    ...fileRoutes({ jobs, roots: settings.jobFiles }),
    ...lineageRoutes(store),
    ...lookBackRoutes({
      store,
      clock,
      timeZone,
      publicUrl: settings.publicUrl,
      sendsMail: mailer !== undefined,
    }),
    ...noteRoutes({ store, clock }),
    ...viewRoutes({ store, clock }),
    ...shareRoutes({ store, clock, jobs, publicUrl: settings.publicUrl }),
    ...queueRoutes({ queue, store, clock }),
    ...limitRoutes({ store, clock }),
    ...configurationRoutes(store, clock),
    ...historyRoutes({ store, clock, past }),
    ...targetRoutes({ store, clock }),
    ...maintenanceRoutes({ store, clock }),
    ...datasetRoutes(datasets),
    ...bundleRoutes({ store, objects, clock, log, key: receiptKey }),
    ...ingest.routes,
    ...sourceRoutes(sources),
    ...ticketRoutes({ ...sources, opened: (row) => poller.opened(row) }),
    ...streamRoutes({ store, tail, jobs, authenticate, onForget, onDrop: () => metrics.readerDropped() }),
    ...observeRoutes({ store, metrics, draining: () => state.draining, authenticate }),
  ];
  const microdata = microdataRoutes({
    jobs,
    datasets,
    access: {
      authenticate,
      networks: new TrustedNetworks(settings.microdataNetworks),
      persons: new CookiePersons(settings, clock),
      jwtAuth: settings.jwtAuth,
      clock,
      rateLimit: settings.rateLimit,
    },
    rules: { operations: settings.microdataOperations, bumpEnabled: settings.bumpEnabled },
  });
  const tracker = trackerRoutes({
    jobs,
    access: { authenticate, clock, rateLimit: settings.rateLimit },
    signIn,
    isHttps: isHttps(settings),
    forget: () => authenticator.forget(),
  });
  const pacifica = pacificaRoutes({
    store,
    intake: ingest.intake,
    pace: ingest.pace,
    access: {
      authenticate,
      trustedProxies: settings.trustedProxies,
      userHeader: settings.ingestUserHeader,
      networks: settings.ingestNetworks,
      defaultUser: settings.ingestDefaultUser,
      clock,
      rateLimit: settings.rateLimit,
    },
  });
  // The API's description is of the native one alone: those of the dialects are their contracts.
  const all = [
    ...routes,
    openApiRoute(routes),
    ...(settings.microdata ? microdata : []),
    ...(settings.tracker ? tracker : []),
    ...(settings.pacifica ? pacifica : []),
  ];
  return {
    store,
    jobs,
    appender,
    queue,
    authenticator,
    tail,
    duties,
    metrics,
    datasets,
    ingest,
    receptions,
    tarThreads,
    state,
    routes: all,
  };
}

function mailerOf({ smtpUrl, mailFrom }: Settings): Mailer | undefined {
  return smtpUrl === undefined ? undefined : new Mailer({ url: smtpUrl, from: mailFrom });
}

/** Where people reach Daybook, for what is sent to them; without a public address only whoever sits at this machine does. */
function addressOf({ publicUrl, port }: Settings): string {
  return publicUrl ?? `http://localhost:${port}`;
}

/** The kinds of sources that there are, by name. */
function sourceKinds({ sourcePrograms }: Settings, clock: Clock): ReadonlyMap<string, SourceKind> {
  const kinds = [trackerFiles, ...schedulerKinds({ clock, programs: sourcePrograms })];
  return new Map(kinds.map((kind) => [kind.kind, kind]));
}

/** Puts into the database what comes with Daybook; after `migrate`, before the first request. */
export async function furnish(store: Store, clock: Clock): Promise<void> {
  await provideBuiltIn(store, clock, microdataRecipe);
  // What is on its way in must not wait for an upgrade (design.md §3).
  for (const recipe of [ingestRecipe, moveRecipe])
    await provideBuiltIn(store, clock, recipe, { pausable: false });
}

function openApiRoute(routes: readonly Route[]): Route {
  let document: string | undefined;
  const self: Route = route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    access: 'public',
    group: 'About',
    summary: 'This description of the API (OpenAPI 3.1)',
    answers: { 200: { description: 'The document', type: 'application/json' } },
    handle: () => {
      document ??= JSON.stringify(openApiDocument([...routes, self], release));
      return { body: document, headers: { 'content-type': 'application/json; charset=utf-8' } };
    },
  });
  return self;
}
