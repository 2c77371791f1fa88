import { DaybookError, label, limits, plainSentence } from '@daybook/core';
import { z } from 'zod';
import { storable } from './words.ts';

/** What a client asks for: the parameters of a job (contracts/microdata.md, "rules per item"). */

/** The target of every `BUMP`. */
export const DATASTORE = 'DATASTORE';

const releaseStatuses = ['DRAFT', 'PENDING_RELEASE', 'PENDING_DELETE'] as const;

/** Clients write null for what they have not. */
const maybe = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => (value === null ? undefined : value));
const text = z.string().max(limits.message).transform(storable);
const said = text.refine((value) => value.trim() !== '', 'must not be empty');

const manifesto = z.strictObject({
  version: said,
  description: text,
  releaseTime: z.int(),
  languageCode: said,
  updateType: text.nullish(),
  dataStructureUpdates: z
    .array(z.strictObject({ name: said, description: text, operation: said, releaseStatus: said }))
    .max(10_000),
});
export type Manifesto = z.infer<typeof manifesto>;

const shape = z.strictObject({
  operation: z.string().optional(),
  target: maybe(label(limits.name)),
  description: maybe(text),
  releaseStatus: maybe(z.enum(releaseStatuses)),
  bumpManifesto: maybe(manifesto),
  bumpFromVersion: maybe(said),
  bumpToVersion: maybe(said),
});

/** A job that can be made. What was not given is absent. */
export interface NewJob {
  readonly operation: string;
  readonly target: string;
  readonly rest: Omit<z.output<typeof shape>, 'operation' | 'target'>;
}

/** What operations there are, and whether this datastore may be bumped. */
export interface OperationRules {
  readonly operations: readonly string[];
  readonly bumpEnabled: boolean;
}

/** One item of a `POST /jobs`. Throws `invalid_request` that says in one sentence what is wrong with it. */
export function readNewJob(item: unknown, rules: OperationRules): NewJob {
  const operation = operationOf(item, rules);
  const result = shape.safeParse(item, { error: plainSentence });
  if (!result.success) throw refused(sentenceOf(result.error.issues));
  const { operation: _, target, ...rest } = result.data;
  if (target === undefined) throw refused('Missing target');
  const missing = neededFor(operation).find((name) => rest[name] === undefined || rest[name] === '');
  if (missing !== undefined) throw refused(`Missing ${missing}: ${operation} needs it`);
  if (operation === 'BUMP' && target !== DATASTORE) throw refused(`The target of BUMP is ${DATASTORE}`);
  return { operation, target, rest: given(rest) };
}

/** Looked at first: what else there must be depends on it. */
function operationOf(item: unknown, { operations, bumpEnabled }: OperationRules): string {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw refused('A job must be an object');
  const { operation } = item as { operation?: unknown };
  if (operation === undefined || operation === null || operation === '') throw refused('Missing operation');
  if (typeof operation !== 'string' || !operations.includes(operation))
    throw refused(`Unknown operation; there are ${operations.join(', ')}`);
  if (operation === 'BUMP' && !bumpEnabled) throw refused('Bumping the datastore is disabled');
  return operation;
}

function neededFor(operation: string): readonly (keyof NewJob['rest'])[] {
  switch (operation) {
    case 'REMOVE':
      return ['description'];
    case 'SET_STATUS':
      return ['releaseStatus'];
    case 'BUMP':
      return ['description', 'bumpManifesto', 'bumpFromVersion', 'bumpToVersion'];
    default:
      return [];
  }
}

function sentenceOf(issues: readonly z.core.$ZodIssue[]): string {
  const [issue] = issues;
  if (issue?.code === 'unrecognized_keys') return `Unknown field ${issue.keys.join(', ').slice(0, 200)}`;
  return `${issue?.path.join('.') || 'The job'}: ${issue?.message ?? 'is not valid'}`;
}

function given<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function refused(message: string): DaybookError {
  return new DaybookError('invalid_request', message);
}

/**
 * The parameters of a stored job that this surface knows; other doors may have put anything there.
 */
export function knownParameters(parameters: Record<string, unknown> | null): NewJob['rest'] {
  const { shape: fields } = shape;
  const known = [
    'description',
    'releaseStatus',
    'bumpManifesto',
    'bumpFromVersion',
    'bumpToVersion',
  ] as const;
  return given(
    Object.fromEntries(known.map((name) => [name, fields[name].safeParse(parameters?.[name]).data])),
  ) as NewJob['rest'];
}
