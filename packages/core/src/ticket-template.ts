import { z } from 'zod';
import type { Configuration } from './configuration.ts';
import type { Fault } from './errors.ts';
import { label } from './text.ts';
import { faultsFor, type Ticket, ticketDate, ticketLimits, ticketStepsSchema } from './ticket.ts';

/**
 * What a job of one name consists of: new tickets are made from it. As a file it is written like the ticket itself, so
 * that a ticket can serve as the template of the next.
 */

const schema = z
  .looseObject({
    job_name: label(ticketLimits.jobName)
      .optional()
      .meta({ description: 'The name of the file without .json, when left out' }),
    job_management: z.looseObject({ steps: ticketStepsSchema }).meta({
      description: 'The steps by their number, from "1"; maxNumberOfTries goes into each ticket',
    }),
    skip_steps: z
      .record(z.string(), z.array(label(ticketLimits.step).min(1)))
      .optional()
      .meta({ description: 'Names of the steps to leave out, by context.space' }),
  })
  .meta({ title: 'Ticket template', description: 'The steps of all jobs of a name' });

export interface TicketTemplate {
  readonly jobName: string;
  /** Names of the steps, in order. */
  readonly steps: readonly string[];
  /** Names of the steps that a job of a `context.space` leaves out. */
  readonly skip: Readonly<Record<string, readonly string[]>>;
  readonly maxNumberOfTries?: number | undefined;
}

export type TemplateReading =
  | { readonly template: TicketTemplate; readonly faults?: undefined }
  | { readonly faults: readonly Fault[]; readonly template?: undefined };

/** The one that needs no file: the contract's own. */
export const builtInTicketTemplates: readonly TicketTemplate[] = [
  {
    jobName: 'create_asset',
    steps: [
      'generate_mock_manifest',
      'retrieve_image_from_origin',
      'check_jp2_compliance',
      'create_thumbnails',
      'save_to_storage',
      'save_data',
    ],
    skip: {},
  },
];

/** JSON Schema (2020-12) of a file with a template. */
export function ticketTemplateJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) };
}

/** Reads what a template file holds; `fallbackName` is its name without `.json`. */
export function readTicketTemplate(value: unknown, fallbackName: string): TemplateReading {
  const faults = faultsFor(schema, value);
  if (faults.length > 0) return { faults };
  const { job_name, job_management, skip_steps = {} } = schema.parse(value);
  const steps = stepNames(job_management.steps);
  const unknown = unknownSkips(skip_steps, steps);
  if (unknown.length > 0) return { faults: unknown };
  const tries = job_management['maxNumberOfTries'];
  return {
    template: {
      jobName: job_name ?? fallbackName,
      steps,
      skip: skip_steps,
      ...(typeof tries === 'number' && { maxNumberOfTries: tries }),
    },
  };
}

/** A configuration's steps by their tags, which is what scripts call them. */
export function templateOfConfiguration({
  tag,
  steps,
}: Pick<Configuration, 'tag' | 'steps'>): TicketTemplate {
  return { jobName: tag, steps: steps.map((step) => step.tag), skip: {} };
}

/**
 * A ticket on its first step, with its fields in the contract's order. Steps that the template leaves out for
 * `context.space` are missing, and the rest is numbered from 1 without gaps.
 */
export function newTicket(
  id: string,
  template: TicketTemplate,
  context: Readonly<Record<string, unknown>>,
  now: number,
  parent?: string,
): Ticket {
  const { space } = context;
  const isRule = typeof space === 'string' && Object.hasOwn(template.skip, space);
  const left = isRule ? (template.skip[space] ?? []) : [];
  const steps = template.steps.filter((name) => !left.includes(name));
  const date = ticketDate(now);
  return {
    job_ticket_id: id,
    job_name: template.jobName,
    job_management: {
      current_step: 1,
      steps: Object.fromEntries(steps.map((name, index) => [index + 1, name])),
      job_status: '',
      previous_step_status: '',
      ...(template.maxNumberOfTries !== undefined && {
        numberOfTries: 0,
        maxNumberOfTries: template.maxNumberOfTries,
      }),
    },
    context,
    creation_date: date,
    last_modified_date: date,
    ...(parent !== undefined && { parent_job_ticket_id: parent }),
  };
}

function stepNames(steps: Readonly<Record<string, string>>): string[] {
  return Object.entries(steps)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => name);
}

/** A rule that names no step is a slip of the pen, and would leave out nothing. */
function unknownSkips(skips: Readonly<Record<string, readonly string[]>>, steps: readonly string[]): Fault[] {
  return Object.entries(skips).flatMap(([space, names]) =>
    names.flatMap((name, index) =>
      steps.includes(name)
        ? []
        : [
            {
              path: `skip_steps.${space}[${index}]`,
              message: `must be one of the steps, is ${JSON.stringify(name)}`,
            },
          ],
    ),
  );
}
