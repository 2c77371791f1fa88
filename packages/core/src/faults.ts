import type { z } from 'zod';
import { type Fault, faultPath } from './errors.ts';
import { translator } from './translate.ts';

/** Nobody reads more faults than these, and an answer has to end. */
const MOST = 1_000;

const say = translator('en');

/**
 * Says in plain words what zod found wrong. For `safeParse(value, { error: plainSentence })`: a message of the schema's
 * own goes before it.
 */
export function plainSentence(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value'))
    return say('fault.missing');
  switch (issue.code) {
    case 'invalid_type':
      return ofType(issue.expected);
    case 'invalid_value':
      return say('fault.choice', { values: issue.values.map(String).join(', ') });
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive ?? true);
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum));
    case 'unrecognized_keys':
      return say('fault.unknown');
    default:
      return say('fault.form');
  }
}

function ofType(expected: string): string {
  switch (expected) {
    case 'string':
      return say('fault.text');
    case 'number':
      return say('fault.number');
    case 'int':
      return say('fault.wholeNumber');
    case 'boolean':
      return say('fault.boolean');
    case 'array':
      return say('fault.list');
    case 'object':
    case 'record':
      return say('fault.object');
    default:
      return say('fault.form');
  }
}

function tooSmall(origin: string, minimum: number, inclusive: boolean): string {
  if (origin === 'string')
    return minimum === 1 ? say('fault.empty') : say('fault.shortText', { count: minimum });
  if (origin === 'array')
    return minimum === 1 ? say('fault.empty') : say('fault.shortList', { count: minimum });
  return inclusive ? say('fault.atLeast', { count: minimum }) : say('fault.moreThan', { count: minimum });
}

function tooBig(origin: string, maximum: number): string {
  if (origin === 'string') return say('fault.longText', { count: maximum });
  return origin === 'array'
    ? say('fault.longList', { count: maximum })
    : say('fault.atMost', { count: maximum });
}

/**
 * The faults behind zod's issues, one for each path, at most 1,000. Where one of several forms was meant (a union),
 * those of the form that the value has.
 *
 * @example faultsOf(schema.safeParse(body, { error: plainSentence }).error.issues)
 *   // [{ path: 'steps[2].points', message: 'must be greater than 0' }]
 */
export function faultsOf(issues: readonly z.core.$ZodIssue[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const fault of eachFault(issues, [])) {
    if (faults.size >= MOST) break;
    if (!faults.has(fault.path)) faults.set(fault.path, fault);
  }
  return [...faults.values()];
}

function* eachFault(
  issues: readonly z.core.$ZodIssue[],
  before: readonly PropertyKey[],
): Generator<Fault, void> {
  for (const issue of issues) {
    const path = [...before, ...issue.path];
    const meant = issue.code === 'invalid_union' ? issue.errors.find(isOfThisType) : undefined;
    if (meant !== undefined) yield* eachFault(meant, path);
    else if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) yield { path: faultPath([...path, key]), message: say('fault.unknown') };
    else yield { path: faultPath(path), message: issue.message };
  }
}

/** True if the value is at least of the type that this form of a union asks for. */
function isOfThisType(issues: readonly z.core.$ZodIssue[]): boolean {
  return !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
}
