import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { faultsOf, plainSentence } from './faults.ts';
import { jobCreateSchema } from './job.ts';

function faults(schema: z.ZodType, value: unknown) {
  return faultsOf(schema.safeParse(value, { error: plainSentence }).error?.issues ?? []);
}

describe('what zod found, in plain words', () => {
  const words = z.enum(['open', 'done']);
  test.each<[z.ZodType, unknown, string]>([
    [z.string(), undefined, 'is missing'],
    [words, undefined, 'is missing'],
    [words, 'paused', 'is not known: use open, done'],
    [z.string(), 5, 'must be a text'],
    [z.number(), '5', 'must be a number'],
    [z.coerce.number(), 'x', 'must be a number'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.array(z.string()), 'x', 'must be a list'],
    [z.strictObject({}), [], 'must be an object'],
    [z.record(z.string(), z.string()), 7, 'must be an object'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(2), 'x', 'is too short: at least 2 characters'],
    [z.string().max(1_000), 'x'.repeat(1_001), 'is too long: at most 1,000 characters'],
    [z.array(z.string()).min(1), [], 'must not be empty'],
    [z.array(z.string()).max(1), ['a', 'b'], 'is too long: at most 1 entry'],
    [z.int().min(1), 0, 'must be at least 1'],
    [z.number().positive(), 0, 'must be greater than 0'],
    [z.number().max(100), 1e9, 'must be at most 100'],
    [z.email(), 'x', 'has the wrong form'],
    [z.string().min(10, 'must have at least 10 letters'), 'x', 'must have at least 10 letters'],
  ])('%#', (schema, value, message) => {
    expect(faults(schema, value)).toEqual([{ path: '', message }]);
  });

  test('each path is named once, all of them are, and of a union the form that was meant', () => {
    const body = {
      name: `${'x'.repeat(501)}\n`,
      configuration: { tag: 'a', colour: 1 },
      steps: [{ tag: 'a', points: 0 }],
      nme: 1,
      metadata: { a: ['\u0000'] },
      parameters: { b: '\ud800' },
    };
    expect(faults(jobCreateSchema, body)).toEqual([
      { path: 'name', message: 'is too long: at most 500 characters' },
      { path: 'configuration.colour', message: 'is not known' },
      { path: 'steps[0].points', message: 'must be greater than 0' },
      { path: 'parameters.b', message: 'is no well-formed Unicode' },
      { path: 'metadata.a[0]', message: 'must not contain NUL' },
      { path: 'nme', message: 'is not known' },
      { path: 'steps', message: 'a job with a configuration takes its steps from there' },
    ]);
  });

  test('there is an end to them', () => {
    expect(
      faults(
        z.array(z.string()),
        Array.from({ length: 5_000 }, () => 1),
      ),
    ).toHaveLength(1_000);
  });
});

test('a job does not end before it starts', () => {
  const [startedAt, endedAt] = ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'];
  expect(faults(jobCreateSchema, { name: 'a', startedAt, endedAt })).toEqual([
    { path: 'endedAt', message: 'must not be before startedAt' },
  ]);
  expect(jobCreateSchema.safeParse({ name: 'a', startedAt, endedAt: startedAt }).success).toBe(true);
});
