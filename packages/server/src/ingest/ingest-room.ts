import type { Logger } from 'pino';
import type { ObjectStore } from '../archive/object-store.ts';
import type { Clock } from '../clock.ts';
import type { Duty } from '../duties/duties.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Queue } from '../queue/queue.ts';
import type { Route } from '../route.ts';
import type { Settings } from '../settings.ts';
import { abandonedUploads } from './abandoned.ts';
import { type Asking, patiently } from './asking.ts';
import type { Pace } from './incoming.ts';
import { IngestWork } from './ingest-work.ts';
import { Intake } from './intake.ts';
import { Policy } from './policy.ts';
import { ProjectSchemas } from './project-schemas.ts';
import type { Receptions } from './reception.ts';
import { uploadRoutes } from './upload-routes.ts';

export interface IngestRoomParts {
  readonly jobs: Jobs;
  readonly queue: Queue;
  readonly receptions: Receptions;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tests have less of it. */
  readonly patience?: Patience | undefined;
}

/** How long senders and the services beside Daybook are waited for. */
export interface Patience {
  readonly asking: Asking;
  /** Over this time senders are held to their minimum rate, milliseconds. */
  readonly window: number;
}

/** The doors of bundles and what is behind them, by the settings. */
export interface IngestRoom {
  readonly intake: Intake;
  readonly work: IngestWork;
  readonly duties: readonly Duty[];
  readonly routes: readonly Route[];
  readonly pace: Pace;
}

const usual: Patience = { asking: patiently, window: 30_000 };
/** Bundles that one process works on at once: each reads and hashes. */
const AT_ONCE = 2;

export function openIngestRoom(parts: IngestRoomParts, settings: Settings): IngestRoom {
  const { jobs, queue, receptions, objects, clock, log, patience = usual } = parts;
  const { asking, window } = patience;
  const { store } = jobs;
  const service = (url: string | undefined) => (url === undefined ? undefined : { url, asking });
  const schemas = new ProjectSchemas(settings.ingestSchemas);
  const { policyUrl: url, ingestUserHeader: userHeader, moveRoots } = settings;
  const policy = new Policy(schemas, url === undefined ? undefined : { url, userHeader, asking });
  const numbers = service(settings.uniqueIdUrl);
  const oldArchive = service(settings.oldArchiveUrl);
  const common = { jobs, receptions, policy, numbers, clock, log };
  const intake = new Intake({ ...common, expiry: settings.uploadExpiry });
  const work = new IngestWork({
    ...common,
    queue,
    metadataService: service(settings.metadataUrl),
    oldArchive: oldArchive && { ...oldArchive, store, objects },
    firstFile: settings.firstFileId,
    atOnce: AT_ONCE,
    moveRoots,
  });
  const pace = { minRate: settings.uploadMinRate, window };
  return {
    intake,
    work,
    pace,
    duties: [abandonedUploads({ jobs, receptions, clock, log, moveRoots })],
    routes: uploadRoutes({ jobs, intake, schemas, pace, largest: settings.largestBundle }),
  };
}
