import { randomUUID } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  errorsOfTicket,
  newTicket,
  stepsOfTicket,
  type Ticket,
  type TicketStatus,
  ticketDate,
  ticketFaults,
  ticketIdSchema,
  ticketLimits,
} from '@daybook/core';
import { type Clock, systemClock } from '../clock.ts';
import {
  TicketBrokenError,
  TicketInvalidError,
  TicketMissingError,
  type TicketProblem,
  TicketUnwritableError,
  TicketUsageError,
} from './errors.ts';
import { findTemplate, type TemplateSources } from './templates.ts';
import { ticketProblem } from './ticket-bytes.ts';
import { readTickets } from './ticket-directory.ts';
import { createTicketFile, readTicketFile, replaceTicketFile, updateTicketFile } from './ticket-file.ts';

export interface JobTrackerOptions extends TemplateSources {
  /** Told of each file that is no ticket while the rest is read; by default a process warning. */
  readonly onProblem?: (problem: TicketProblem) => void;
  readonly clock?: Clock;
}

/** Which tickets to list; those that fit all that is said. */
export interface TicketFilter {
  readonly status?: TicketStatus | undefined;
  readonly jobName?: string | undefined;
  readonly parent?: string | undefined;
  /** `context.space` */
  readonly space?: string | undefined;
}

/**
 * Job tracker files: one JSON document per job, `<job_ticket_id>.json`, for pipelines that have no server
 * (contracts/tracker-files.md). Every change is on disk when its promise resolves, whoever else changes the same ticket at
 * the same time; reading never waits. Whatever changes a ticket also touches its parents.
 *
 * All methods throw errors of the family `TicketError`: TicketMissingError (no such ticket), TicketBrokenError (its file is
 * no ticket), TicketBusyError, TicketInvalidError (what was to be written is none), TicketUnwritableError, TicketUsageError,
 * UnknownJobNameError.
 *
 * @example
 * const tracker = new JobTracker('/data/jobs');
 * const { job_ticket_id: id } = await tracker.initTrackerFile('create_asset', { space: 'photos' });
 * await tracker.setJobStatus('running', id);
 * await tracker.advance(id);
 */
export class JobTracker {
  readonly directory: string;
  readonly #templates: TemplateSources;
  readonly #onProblem: (problem: TicketProblem) => void;
  readonly #clock: Clock;

  /** `directory` is `JOB_DATA_BASEDIR` when left out. @throws TicketUsageError if neither is there */
  constructor(
    directory: string | undefined = process.env['JOB_DATA_BASEDIR'],
    options: JobTrackerOptions = {},
  ) {
    if (!directory)
      throw new TicketUsageError('name the directory of the tickets, or set JOB_DATA_BASEDIR to it');
    this.directory = directory;
    this.#templates = { templatesDirectory: process.env['JSON_TEMPLATES_DIR'], ...options };
    this.#onProblem = options.onProblem ?? warn;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Writes a ticket for a new job and answers it. The steps come from the template called `jobName`; `parent` is the id of
   * the job that this one is a part of.
   *
   * @throws UnknownJobNameError, which lists the names that there are
   */
  async initTrackerFile(
    jobName: string,
    context: Readonly<Record<string, unknown>> = {},
    parent?: string,
  ): Promise<Ticket> {
    const template = await findTemplate(jobName, this.#templates);
    if (parent !== undefined) await this.getTrackerFile(parent);
    const id = `${randomUUID()}-${hostForIds()}`;
    const ticket = newTicket(id, template, context, this.#clock.now(), parent);
    return await this.#touchingParents(await createTicketFile(this.#path(id), ticket));
  }

  async getTrackerFile(id: string): Promise<Ticket> {
    return (await readTicketFile(this.#path(id))).ticket;
  }

  /** All tickets that fit, by their ids. A broken file is told to `onProblem`, and the rest is still read. */
  async getJobs({ status, jobName, parent, space }: TicketFilter = {}): Promise<Ticket[]> {
    const tickets = await readTickets(this.directory, this.#onProblem);
    return tickets.filter(
      (ticket) =>
        (status === undefined || ticket.job_management.job_status === status) &&
        (jobName === undefined || ticket.job_name === jobName) &&
        (parent === undefined || ticket.parent_job_ticket_id === parent) &&
        (space === undefined || ticket.context['space'] === space),
    );
  }

  /** Tickets of the jobs that are parts of this one. */
  async getChildJobs(id: string, status?: TicketStatus): Promise<Ticket[]> {
    return await this.getJobs({ parent: id, status });
  }

  async countChildJobs(id: string, status?: TicketStatus): Promise<number> {
    return (await this.getChildJobs(id, status)).length;
  }

  async getJobStatus(id: string): Promise<TicketStatus> {
    return (await this.getTrackerFile(id)).job_management.job_status;
  }

  /** Sets the status of the job, and that of the step before. */
  async setJobStatus(
    status: TicketStatus,
    id: string,
    previousStatus: TicketStatus = 'success',
  ): Promise<Ticket> {
    return await this.updateTrackerFile(id, (ticket) =>
      managed(ticket, { job_status: status, previous_step_status: previousStatus }),
    );
  }

  /** Moves the job to its step `n`, from 1. */
  async setCurrentStep(id: string, n: number): Promise<Ticket> {
    return await this.updateTrackerFile(id, (ticket) => atStep(ticket, n));
  }

  /** Moves the job to its next step. @throws TicketUsageError on the last one */
  async advance(id: string): Promise<Ticket> {
    return await this.updateTrackerFile(id, (ticket) => {
      const { current_step: step } = ticket.job_management;
      const last = stepsOfTicket(ticket).at(-1)?.number ?? 0;
      if (step >= last) throw new TicketUsageError(`${id} is on its last step already (${step} of ${last})`);
      return atStep(ticket, step + 1);
    });
  }

  /** Sets one property of the context, all of it. `value` is whatever JSON can hold. */
  async updateContextData(id: string, property: string, value: unknown): Promise<Ticket> {
    if (value === undefined) throw new TicketUsageError(`${property}: JSON has no undefined; say null`);
    return await this.updateTrackerFile(id, (ticket) => withContext(ticket, property, value));
  }

  /**
   * Adds `{message, exception, step, date}` to the list `context.errors_encountered`, and unless `setFailed` is false sets
   * both statuses to failed.
   */
  async appendError(id: string, message: string, exception?: unknown, setFailed = true): Promise<Ticket> {
    return await this.updateTrackerFile(id, (ticket) => {
      const error = {
        message,
        ...(exception !== undefined && { exception: String(exception) }),
        step: ticket.job_management.current_step,
        date: ticketDate(this.#clock.now()),
      };
      const next = withContext(ticket, 'errors_encountered', [...errorsOfTicket(ticket), error]);
      return setFailed ? managed(next, { job_status: 'failed', previous_step_status: 'failed' }) : next;
    });
  }

  /**
   * Puts a whole document in place of the one with its id, also of a broken one. It is checked first; nothing in it is
   * changed, not even its dates. What others wrote since you read it is lost: `updateTrackerFile` loses nothing.
   */
  async replaceTrackerFile(document: Ticket): Promise<Ticket> {
    const faults = ticketFaults(document);
    if (faults.length > 0) throw new TicketInvalidError('this is no ticket:', faults);
    const path = this.#path(document.job_ticket_id);
    return await this.#touchingParents(await replaceTicketFile(path, document));
  }

  /**
   * Changes a ticket in any way. `change` gets the document as it is now and answers what it is to be; it may be called
   * more than once, and must not wait for anything. The date of the change is set for it.
   */
  async updateTrackerFile(id: string, change: (ticket: Ticket) => Ticket): Promise<Ticket> {
    const dated = (ticket: Ticket) => modified(change(ticket), this.#clock.now());
    return await this.#touchingParents(await updateTicketFile(this.#path(id), dated));
  }

  /** When the ticket was changed last, or touched: UTC, `YYYY-MM-DD HH:MM:SS`. */
  async getTimestamp(id: string): Promise<string> {
    return (await this.getTrackerFile(id)).last_modified_date;
  }

  /** The heartbeat: says that the job is alive at `now`, and its parents unless `parentAlso` is false. */
  async updateTimestamp(
    id: string,
    now: Date = new Date(this.#clock.now()),
    parentAlso = true,
  ): Promise<Ticket> {
    const touch = (ticket: Ticket) => modified(ticket, now.getTime());
    const ticket = await updateTicketFile(this.#path(id), touch);
    return parentAlso ? await this.#touchingParents(ticket, now.getTime()) : ticket;
  }

  /** Makes the job's own working directory, which lies beside its ticket and is called like it, and answers its path. */
  async getJobDirectory(id: string): Promise<string> {
    const ticket = this.#path(id);
    await access(ticket).catch(() => {
      throw new TicketMissingError(`there is no ticket ${id} at ${ticket}`);
    });
    const path = join(this.directory, id);
    await mkdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      throw new TicketUnwritableError(`${path} cannot be made (${error.code})`, { cause: error });
    });
    return path;
  }

  /** The change itself is on disk already: a parent that is gone or broken must not make it look failed. */
  async #touchingParents(ticket: Ticket, now = this.#clock.now()): Promise<Ticket> {
    const touched = new Set([ticket.job_ticket_id]);
    for (let { parent_job_ticket_id: id } = ticket; id != null && !touched.has(id); ) {
      touched.add(id);
      const parent = await this.#touch(id, now);
      id = parent?.parent_job_ticket_id;
    }
    return ticket;
  }

  async #touch(id: string, now: number): Promise<Ticket | undefined> {
    try {
      return await updateTicketFile(this.#path(id), (ticket) => modified(ticket, now));
    } catch (error) {
      const file = `${id}.json`;
      if (error instanceof TicketBrokenError) this.#onProblem(error.problem);
      else if (!(error instanceof TicketMissingError))
        this.#onProblem(ticketProblem(file, 'unreadable', `was not touched: ${(error as Error).message}`));
      return undefined;
    }
  }

  #path(id: string): string {
    if (!ticketIdSchema.safeParse(id).success)
      throw new TicketUsageError(`${JSON.stringify(id)} is no id of a ticket`);
    return join(this.directory, `${id}.json`);
  }
}

function managed(ticket: Ticket, change: Partial<Ticket['job_management']>): Ticket {
  return { ...ticket, job_management: { ...ticket.job_management, ...change } };
}

function atStep(ticket: Ticket, n: number): Ticket {
  const numbers = stepsOfTicket(ticket).map((step) => step.number);
  if (!numbers.includes(n))
    throw new TicketUsageError(
      `${ticket.job_ticket_id} has no step ${n}; its steps are ${numbers[0] ?? 'none'} to ${numbers.at(-1) ?? 'none'}`,
    );
  return managed(ticket, { current_step: n });
}

function withContext(ticket: Ticket, property: string, value: unknown): Ticket {
  const context = { ...ticket.context };
  // Assigning to __proto__ would change the object instead of filling it.
  Object.defineProperty(context, property, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return { ...ticket, context };
}

function modified(ticket: Ticket, now: number): Ticket {
  return { ...ticket, last_modified_date: ticketDate(now) };
}

function hostForIds(): string {
  return hostname()
    .replaceAll(/[^A-Za-z0-9_.-]/g, '-')
    .slice(0, ticketLimits.id - '00000000-0000-0000-0000-000000000000-'.length);
}

function warn({ file, message }: TicketProblem): void {
  process.emitWarning(`${file}: ${message}`, { type: 'TicketWarning' });
}
