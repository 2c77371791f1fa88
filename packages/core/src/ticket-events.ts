import { limits } from './limits.ts';
import type { SeenStep, Sighting } from './sighting.ts';
import type { StepStatus } from './status.ts';
import { jsonObject } from './text.ts';
import { errorsOfTicket, jobStatusOfTicket, stepsOfTicket, type Ticket, ticketTime } from './ticket.ts';

/** A ticket as a sighting, and what of it found no place in the diary. */
export interface SeenTicket {
  readonly sighting: Sighting;
  /** Why its context is not shown: it is larger or deeper than what a job can hold. */
  readonly contextFault?: string;
}

/**
 * What a ticket says, in the words of the diary (contracts/tracker-files.md, "With a server"). `job_status` is that of the
 * job: steps before the current one are done, the current one is what the job is, later ones wait.
 */
export function ticketSighting(ticket: Ticket): SeenTicket {
  const { job_management: management, context } = ticket;
  const fitting = jsonObject.safeParse(context);
  const at = ticketTime(ticket.last_modified_date);
  const errors = errorsOfTicket(ticket).map((entry) => printable(errorText(entry)));
  return {
    sighting: {
      externalId: ticket.job_ticket_id,
      submittedAt: ticketTime(ticket.creation_date),
      name: ticket.job_name,
      kind: 'pipeline',
      configuration: ticket.job_name.slice(0, limits.tag),
      status: jobStatusOfTicket[management.job_status],
      at,
      steps: seenSteps(ticket),
      ...(errors.length > 0 && { errors }),
      ...(management.numberOfTries !== undefined && { tries: management.numberOfTries }),
      ...(management.maxNumberOfTries !== undefined && {
        maxTries: Math.min(999, management.maxNumberOfTries),
      }),
      ...(ticket.parent_job_ticket_id && { parentExternalId: ticket.parent_job_ticket_id }),
      ...(fitting.success && { context: fitting.data }),
    },
    ...(!fitting.success && { contextFault: fitting.error.issues[0]?.message ?? '' }),
  };
}

function seenSteps(ticket: Ticket): SeenStep[] {
  const steps = stepsOfTicket(ticket);
  const names = new Set<string>();
  return steps.map(({ number, name }) => {
    // Names may be long, or the same twice; tags may not.
    const tag = name.length <= limits.tag && !names.has(name) ? name : `step-${number}`;
    names.add(tag);
    return { tag, name, status: stepStatus(ticket, number) };
  });
}

function stepStatus({ job_management }: Ticket, number: number): StepStatus {
  const { current_step: current, job_status: status, previous_step_status: previous } = job_management;
  if (number > current) return 'pending';
  if (number < current) {
    // Whoever notes an error says "failed" of both; only a job that goes on tells of the step before.
    const failed = number === current - 1 && previous === 'failed' && status !== 'failed';
    return failed ? 'failed' : 'succeeded';
  }
  switch (status) {
    case '':
    case 'queued':
      return 'pending';
    case 'running':
      return 'running';
    case 'success':
      return 'succeeded';
    case 'failed':
      return 'failed';
  }
}

/** Whatever shape the pipeline gives to an error. */
function errorText(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) return JSON.stringify(entry) ?? '';
  const { message, error, exception } = entry as Record<string, unknown>;
  const said = message ?? error;
  if (typeof said !== 'string') return JSON.stringify(entry);
  return typeof exception === 'string' && exception !== '' ? `${said}\n${exception}` : said;
}

/** What no database can hold is shown as such; what is too long is cut, the file has the rest. */
function printable(text: string): string {
  const clean = text.toWellFormed().replaceAll('\u0000', '\uFFFD');
  return clean.length > limits.message ? `${clean.slice(0, limits.message - 1)}…`.toWellFormed() : clean;
}
