import { describe, expect, test } from 'vitest';
import { faultPath } from './errors.ts';
import { jobCreateSchema, jobFilterSchema, jobListQuerySchema, jobPatchSchema } from './job.ts';
import { limits } from './limits.ts';

const faults = (body: unknown) =>
  jobCreateSchema.safeParse(body).error?.issues.map((issue) => faultPath(issue.path)) ?? [];

describe('a job to create', () => {
  test.each([
    [{ name: 'a' }],
    [{ configuration: 'my_job' }],
    [{ configuration: { tag: 'my_job', version: '1.0.0' } }],
    [{ name: 'a', steps: [{ tag: 'one' }, { tag: 'two', name: 'Two', points: 0.5 }] }],
    [{ name: 'a', assessment: null, tags: [], baseRuns: ['1234567', '#17'] }],
  ])('may be %j', (body) => expect(faults(body)).toEqual([]));

  test('all of its faults are told at once', () => {
    const body = {
      name: '',
      kind: 7,
      colour: 'red',
      steps: [{ tag: 'a', points: 0 }, { tag: 'b\n' }],
      status: 'paused',
      priority: 1.5,
      submittedAt: 'yesterday',
      tags: ['x', ''],
    };
    expect(faults(body).sort()).toEqual(
      [
        '',
        'kind',
        'name',
        'priority',
        'status',
        'steps[0].points',
        'steps[1].tag',
        'submittedAt',
        'tags[1]',
      ].sort(),
    );
  });

  test.each([
    ['a name or a configuration', {}, 'name'],
    ['its steps from one place', { configuration: 'a', steps: [] }, 'steps'],
    ['steps of different tags', { name: 'a', steps: [{ tag: 'x' }, { tag: 'x' }] }, 'steps'],
  ])('has %s', (_, body, path) => expect(faults(body)).toEqual([path]));

  test('has no more than fits', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => `t${i}`);
    expect(faults({ name: 'x'.repeat(limits.name + 1) })).toEqual(['name']);
    expect(faults({ name: 'a', tags: many(limits.tagsPerJob + 1) })).toEqual(['tags']);
    expect(faults({ name: 'a', baseRuns: many(limits.baseRunsPerJob + 1) })).toEqual(['baseRuns']);
  });

  // PostgreSQL's index entries hold 2,704 bytes, and a character may take three.
  test('has indexed texts that fit an index', () => {
    for (const field of ['user', 'customer', 'externalId', 'target', 'project'])
      expect(faults({ name: 'a', [field]: '字'.repeat(900) }), field).toEqual([field]);
  });
});

test('a patch knows the human fields and the status alone', () => {
  expect(
    jobPatchSchema.safeParse({ version: 1, summary: 'a\nb', assessment: null, tags: ['x'] }).success,
  ).toBe(true);
  for (const body of [{ progress: 5 }, { version: 0 }, { name: 'x' }, { assessment: '' }])
    expect(jobPatchSchema.safeParse(body).success, JSON.stringify(body)).toBe(false);
});

describe('the filters of a list', () => {
  test('take several values, repeated or with commas', () => {
    const filter = jobFilterSchema.parse({
      status: ['running,queued', 'failed'],
      stalled: 'true',
      parentId: '7',
    });
    expect(filter).toEqual({ status: ['running', 'queued', 'failed'], stalled: true, parentId: 7 });
  });

  test('an empty field of a form is no filter', () => {
    expect(jobFilterSchema.parse({ status: '', kind: [',', ''] })).toEqual({});
  });

  test.each([
    { status: 'paused' },
    { colour: 'red' },
    { parentId: '1.5' },
    { stalled: 'maybe' },
    { kind: 'a\u0000' },
  ])('refuse %j', (query) => expect(jobFilterSchema.safeParse(query).success).toBe(false));

  test('a page has a size, and an order that exists', () => {
    expect(jobListQuerySchema.parse({})).toMatchObject({ limit: limits.defaultPageSize, sort: '-id' });
    for (const query of [{ limit: '0' }, { limit: '501' }, { limit: 'x' }, { sort: 'password' }])
      expect(jobListQuerySchema.safeParse(query).success, JSON.stringify(query)).toBe(false);
  });
});
