/** `@daybook/sdk/tickets`: job tracker files without a server, and without an HTTP client. */
export {
  TicketBrokenError,
  TicketBusyError,
  TicketError,
  TicketInvalidError,
  TicketMissingError,
  type TicketProblem,
  type TicketProblemReason,
  TicketUnwritableError,
  TicketUsageError,
  UnknownJobNameError,
} from './errors.ts';
export { JobTracker, type JobTrackerOptions, type TicketFilter } from './job-tracker.ts';
export { scanTickets, type TicketSighting } from './scan.ts';
export type { TemplateSources } from './templates.ts';
export { contentHash } from './ticket-bytes.ts';
export { compareAndReplace, type Replaced, readTicketFile, type TicketFile } from './ticket-file.ts';
