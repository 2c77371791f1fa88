import { type Ticket, templateOfConfiguration, ticketStatuses } from '@daybook/core';
import { JobTracker, type JobTrackerOptions, type TicketProblem } from '@daybook/sdk';
import { type Command, Option } from 'commander';
import { type ClientFlags, openDaybook } from '../client-settings.ts';
import { print, printJson, type Terminal, tell } from '../terminal/terminal.ts';

export interface TicketFlags {
  readonly jobs?: string;
  readonly json?: boolean;
}

export interface TemplateFlags extends ClientFlags {
  readonly templates?: string;
  readonly configurations?: string;
  readonly fromServer?: boolean;
}

/** Adds the flags that every command about tickets has. */
export function withTicketFlags(command: Command): Command {
  return command
    .option('--jobs <dir>', 'the directory of the tickets (JOB_DATA_BASEDIR)')
    .option('--json', 'print the document');
}

/** Adds the flags that say where the steps of new tickets come from. */
export function withTemplateFlags(command: Command): Command {
  return command
    .option('--templates <dir>', 'directory of JSON templates (JSON_TEMPLATES_DIR)')
    .option('--configurations <file>', 'job configuration file: its jobs are templates, too')
    .option('--from-server', 'the configurations of the server are templates, too');
}

export function statusOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(ticketStatuses);
}

export function openTracker(
  flags: TicketFlags & TemplateFlags,
  terminal: Terminal,
  onProblem: (problem: TicketProblem) => void = (problem) => tellProblem(problem, terminal),
): JobTracker {
  const options: JobTrackerOptions = {
    onProblem,
    templatesDirectory: flags.templates ?? terminal.env['JSON_TEMPLATES_DIR'],
    configurationsFile: flags.configurations,
    ...(flags.fromServer && { templates: () => serverTemplates(flags, terminal) }),
  };
  return new JobTracker(flags.jobs ?? terminal.env['JOB_DATA_BASEDIR'], options);
}

async function serverTemplates(flags: ClientFlags, terminal: Terminal) {
  return (await openDaybook(flags, terminal.env).configurations()).map(templateOfConfiguration);
}

export function tellProblem({ file, message }: TicketProblem, terminal: Terminal): void {
  tell(terminal, `${file}: ${message}`);
}

/** What a change made of a ticket: a line, or the document. */
export function printChanged(ticket: Ticket, flags: TicketFlags, terminal: Terminal): void {
  if (flags.json) printJson(terminal, ticket);
  else print(terminal, `${ticket.job_ticket_id}  ${statusText(ticket)}  ${stepText(ticket)}`);
}

export function statusText({ job_management: { job_status: status } }: Ticket): string {
  return status === '' ? 'not begun' : status;
}

/** `2/6 retrieve_image_from_origin` */
export function stepText({ job_management: { current_step: step, steps } }: Ticket): string {
  return `${step}/${Object.keys(steps).length} ${steps[step] ?? ''}`.trimEnd();
}
