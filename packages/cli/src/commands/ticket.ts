import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import {
  InvalidTimeError,
  parseInstant,
  parseJsonExactly,
  parseTicket,
  type TicketStatus,
  ticketJsonSchema,
  ticketStatuses,
  ticketTemplateJsonSchema,
} from '@daybook/core';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { withClientFlags } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { print, printJson, type Terminal } from '../terminal/terminal.ts';
import {
  openTracker,
  printChanged,
  statusOption,
  type TemplateFlags,
  type TicketFlags,
  withTemplateFlags,
  withTicketFlags,
} from './ticket-flags.ts';
import { countTickets, listTickets } from './ticket-list.ts';

const examples = `
Examples:
  export JOB_DATA_BASEDIR=/data/jobs
  id=$(daybook ticket init create_asset --quiet)
  daybook ticket status $id running
  daybook ticket advance $id
  daybook ticket context $id pages 240
  daybook ticket error $id 'no manifest'
  daybook ticket list --status failed`;

/** `daybook ticket …`: what JobTracker of the sdk does, method by method. No server is asked but by --from-server. */
export function ticketCommand(terminal: Terminal): Command {
  const ticket = new Command('ticket')
    .description('job tracker files: jobs of pipelines that have no server')
    .addHelpText('after', examples);
  const add = (name: string) => withTicketFlags(ticket.command(name));
  addInit(ticket, terminal);
  addReading(add, terminal);
  addProgress(add, terminal);
  addNotes(add, terminal);
  ticket
    .command('schema')
    .description('print the JSON Schema of tickets')
    .option('--template', 'that of templates')
    .action(({ template }: { template?: boolean }) =>
      printJson(terminal, template ? ticketTemplateJsonSchema() : ticketJsonSchema()),
    );
  return ticket;
}

type Add = (name: string) => Command;

interface InitFlags extends TicketFlags, TemplateFlags {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly quiet?: boolean;
}

function addInit(ticket: Command, terminal: Terminal): void {
  withClientFlags(withTemplateFlags(withTicketFlags(ticket.command('init'))))
    .description('write a ticket for a new job, and print it')
    .argument('<job>', 'name of the job, which picks its steps from the templates')
    .option('--context <json>', 'what the job is about, a JSON object', jsonObject)
    .option('--parent <id>', 'the ticket of the job that this one is a part of')
    .option('-q, --quiet', 'print only the id')
    .action(async (job: string, flags: InitFlags) => {
      const document = await openTracker(flags, terminal).initTrackerFile(job, flags.context, flags.parent);
      if (flags.quiet) print(terminal, document.job_ticket_id);
      else printJson(terminal, document);
    });
}

interface ListFlags extends TicketFlags {
  readonly status?: TicketStatus;
  readonly name?: string;
  readonly space?: string;
  readonly count?: boolean;
}

function addReading(add: Add, terminal: Terminal): void {
  add('show')
    .description('print a ticket')
    .argument('<id>', 'the ticket')
    .action(async (id: string, flags: TicketFlags) =>
      printJson(terminal, await openTracker(flags, terminal).getTrackerFile(id)),
    );

  add('list')
    .description('list tickets; files that are none are told, and make it end with 1')
    .addOption(statusOption('--status <status>', 'only those with this status'))
    .option('--name <job>', 'only jobs of this name')
    .option('--space <space>', 'only those with this context.space')
    .action(async (flags: ListFlags) => {
      const { status, name: jobName, space } = flags;
      process.exitCode = await listTickets({ status, jobName, space }, flags, terminal);
    });

  add('children')
    .description('list the tickets that are parts of a job')
    .argument('<id>', 'the ticket of the parent')
    .addOption(statusOption('--status <status>', 'only those with this status'))
    .option('--count', 'print only how many there are')
    .action(async (parent: string, flags: ListFlags) => {
      const answer = flags.count ? countTickets : listTickets;
      process.exitCode = await answer({ parent, status: flags.status }, flags, terminal);
    });

  add('timestamp')
    .description('print when a ticket was changed last, in UTC')
    .argument('<id>', 'the ticket')
    .action(async (id: string, flags: TicketFlags) => {
      const tracker = openTracker(flags, terminal);
      if (flags.json) printJson(terminal, await tracker.getTrackerFile(id));
      else print(terminal, await tracker.getTimestamp(id));
    });

  add('dir')
    .description("make the job's own working directory, and print its path")
    .argument('<id>', 'the ticket')
    .action(async (id: string, flags: TicketFlags) => {
      const path = await openTracker(flags, terminal).getJobDirectory(id);
      if (flags.json) printJson(terminal, path);
      else print(terminal, path);
    });
}

interface StatusFlags extends TicketFlags {
  readonly previous: TicketStatus;
}

function addProgress(add: Add, terminal: Terminal): void {
  add('status')
    .description('print the status of a job, or set it')
    .argument('<id>', 'the ticket')
    .addArgument(new Argument('[status]', 'the new status').choices(ticketStatuses))
    .addOption(statusOption('--previous <status>', 'status of the step before').default('success'))
    .action(async (id: string, status: TicketStatus | undefined, flags: StatusFlags) => {
      const tracker = openTracker(flags, terminal);
      if (status !== undefined)
        printChanged(await tracker.setJobStatus(status, id, flags.previous), flags, terminal);
      else if (flags.json) printJson(terminal, await tracker.getTrackerFile(id));
      else print(terminal, await tracker.getJobStatus(id));
    });

  add('step')
    .description('move a job to one of its steps')
    .argument('<id>', 'the ticket')
    .argument('<n>', 'number of the step, from 1', stepNumber)
    .action(async (id: string, n: number, flags: TicketFlags) =>
      printChanged(await openTracker(flags, terminal).setCurrentStep(id, n), flags, terminal),
    );

  add('advance')
    .description('move a job to its next step')
    .argument('<id>', 'the ticket')
    .action(async (id: string, flags: TicketFlags) =>
      printChanged(await openTracker(flags, terminal).advance(id), flags, terminal),
    );

  add('touch')
    .description('the heartbeat: say that a job is alive, and its parents')
    .argument('<id>', 'the ticket')
    .option('--at <time>', 'when it was, e.g. 2026-01-31T18:00:00Z; now when left out', instant)
    .option('--no-parents', 'leave its parents alone')
    .action(async (id: string, flags: TicketFlags & { at?: Date; parents: boolean }) => {
      const tracker = openTracker(flags, terminal);
      printChanged(await tracker.updateTimestamp(id, flags.at, flags.parents), flags, terminal);
    });
}

interface ErrorFlags extends TicketFlags {
  readonly exception?: string;
  readonly keepStatus?: boolean;
}

function addNotes(add: Add, terminal: Terminal): void {
  add('context')
    .description('print the context of a job or one property of it, or set a property')
    .argument('<id>', 'the ticket')
    .argument('[property]', 'name of the property')
    .argument('[value]', 'its new value: JSON, or else text')
    .option('--text', 'the value is text, also if it looks like JSON')
    .action(
      async (id: string, property: string | undefined, value: string | undefined, flags: ContextFlags) => {
        const tracker = openTracker(flags, terminal);
        if (property !== undefined && value !== undefined) {
          const changed = await tracker.updateContextData(
            id,
            property,
            flags.text ? value : jsonOrText(value),
          );
          printChanged(changed, flags, terminal);
          return;
        }
        const document = await tracker.getTrackerFile(id);
        if (flags.json) printJson(terminal, document);
        else if (property === undefined) printJson(terminal, document.context);
        else printProperty(document.context, property, id, terminal);
      },
    );

  add('error')
    .description('add an error to context.errors_encountered, and fail the job')
    .argument('<id>', 'the ticket')
    .argument('<message>', 'what went wrong')
    .option('--exception <text>', 'what the program said')
    .option('--keep-status', 'do not fail the job')
    .action(async (id: string, message: string, flags: ErrorFlags) => {
      const tracker = openTracker(flags, terminal);
      const changed = await tracker.appendError(id, message, flags.exception, !flags.keepStatus);
      printChanged(changed, flags, terminal);
    });

  add('replace')
    .description('put a document in place of the one with its id, if it fits the schema')
    .argument('[file]', 'the document; standard input when left out')
    .action(async (file: string | undefined, flags: TicketFlags) => {
      const { ticket, faults } = parseTicket(await textOf(file), 'exact');
      if (faults !== undefined) {
        const told = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
        throw new CommandError(['this is no ticket:', ...told].join('\n  '), exitCodes.refused);
      }
      printChanged(await openTracker(flags, terminal).replaceTrackerFile(ticket), flags, terminal);
    });
}

interface ContextFlags extends TicketFlags {
  readonly text?: boolean;
}

function printProperty(
  context: Readonly<Record<string, unknown>>,
  property: string,
  id: string,
  terminal: Terminal,
): void {
  const value = Object.hasOwn(context, property) ? context[property] : undefined;
  if (value === undefined)
    throw new CommandError(`the context of ${id} has no ${JSON.stringify(property)}`, exitCodes.notFound);
  if (typeof value === 'string') print(terminal, value);
  else printJson(terminal, value);
}

function jsonOrText(text: string): unknown {
  try {
    return parseJsonExactly(text);
  } catch {
    return text;
  }
}

function jsonObject(text: string): Record<string, unknown> {
  const value = jsonOrText(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('It is a JSON object, e.g. {"space": "photos"}.');
  return value as Record<string, unknown>;
}

function stepNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

function instant(text: string): Date {
  try {
    return new Date(parseInstant(text));
  } catch (error) {
    if (error instanceof InvalidTimeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

async function textOf(file: string | undefined): Promise<string> {
  if (file === undefined) return await readAll(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      exitCodes.notFound,
    );
  }
}
