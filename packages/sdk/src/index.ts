export { BundlesApi, type ReceiptKey, type VerificationHistory } from './api/bundles.ts';
export { type JobQuery, JobsApi, type Page } from './api/jobs.ts';
export { type ApiKey, type ApiKeyCreate, KeysApi } from './api/keys.ts';
export { MaintenanceApi } from './api/maintenance.ts';
export { type CompleteItem, type Lease, QueueApi, type ReleaseItem } from './api/queue.ts';
export type { Session } from './api/session.ts';
export { type SourceAdd, SourcesApi } from './api/sources.ts';
export type { StreamItem } from './api/stream.ts';
export { type UploadState, UploadsApi } from './api/uploads.ts';
export { BundleStream, FileChangedError } from './bundles/bundle-stream.ts';
export { checkReceipt, ReceiptError, type SentFile } from './bundles/check-receipt.ts';
export { findLocalFiles, type LocalFile, type LocalFiles } from './bundles/local-files.ts';
export { type SendAllOptions, sendAll } from './bundles/send-all.ts';
export { type SendOptions, type SentBundle, sendBundle } from './bundles/send-bundle.ts';
export { UploadMemory } from './bundles/upload-memory.ts';
export { type Clock, systemClock } from './clock.ts';
export { Daybook } from './daybook.ts';
export {
  DaybookApiError,
  DaybookUnreachableError,
  DaybookUsageError,
  problemText,
  type UnreachableReason,
} from './http/errors.ts';
export { defaultPace, type Pace } from './http/retry.ts';
export { JobHandle } from './reporting/job-handle.ts';
export { JobReports } from './reporting/job-reports.ts';
export type { OnProblem, ReportingProblem } from './reporting/problem.ts';
export type { Flushed } from './reporting/reporter.ts';
export { StepHandle } from './reporting/step-handle.ts';
export { apiUrl, type DaybookOptions, defaultUrl } from './settings.ts';
export { defaultSpoolDirectory, listJournals, listRefused, refusedFolder } from './spool/directory.ts';
export { FileLock, lockHolder } from './spool/file-lock.ts';
export { Journal, lockPath, type Waiting } from './spool/journal.ts';
export type { JournalHeader } from './spool/journal-lines.ts';
export { recordName, type SyncOutcome } from './spool/sync.ts';
export type { TicketSyncOutcome } from './ticket-sync/ticket-sync.ts';
export {
  compareAndReplace,
  contentHash,
  JobTracker,
  type JobTrackerOptions,
  type Replaced,
  readTicketFile,
  scanTickets,
  type TemplateSources,
  TicketBrokenError,
  TicketBusyError,
  TicketError,
  type TicketFile,
  type TicketFilter,
  TicketInvalidError,
  TicketMissingError,
  type TicketProblem,
  type TicketProblemReason,
  type TicketSighting,
  TicketUnwritableError,
  TicketUsageError,
  UnknownJobNameError,
} from './tickets/index.ts';
export {
  ConfigurationFileError,
  configurationProblemText,
  TrackerApiError,
  TrackerKeyError,
} from './tracker-api/errors.ts';
export {
  type JobConfig,
  JobConfigManager,
  type StepConfiguration as JobStepConfig,
} from './tracker-api/job-configs.ts';
export { type RegisteredJobConfig, TrackerApi, type TrackerApiOptions } from './tracker-api/tracker-api.ts';
export { type EventKind as TrackerEventKind, TrackerEvent } from './tracker-api/tracker-event.ts';
export { TrackerJob } from './tracker-api/tracker-job.ts';
export type { WorkHandler, WorkResult } from './worker/attempt.ts';
export {
  JobCanceledError,
  LeaseLostError,
  PermanentError,
  TryLaterError,
  WorkerStoppingError,
} from './worker/errors.ts';
export { WorkContext } from './worker/work-context.ts';
export { type TryEnd, type WorkerEvents, WorkerHandle } from './worker/worker-handle.ts';
export type { WorkerOptions } from './worker/worker-options.ts';
