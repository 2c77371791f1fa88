import { expect, test } from 'vitest';
import { type ComparedJob, compareJobs, differencesFrom, leaves } from './comparison.ts';
import type { Job } from './job.ts';

const step = (name: string, seconds: number | null) => ({
  tag: name,
  name,
  points: 1,
  status: 'succeeded' as const,
  percent: null,
  message: null,
  metadata: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: seconds === null ? null : new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString(),
});

const job = (some: Partial<Job>): Job =>
  ({
    id: 1,
    name: 'run',
    kind: 'simulation',
    status: 'succeeded',
    configuration: { tag: 'sled', version: '1.0.0' },
    solver: null,
    project: 'p',
    user: 'doea',
    target: null,
    operation: null,
    submitDirectory: '/a',
    tags: ['x', 'y'],
    analysisStatus: 'open',
    assessment: null,
    summary: '',
    info: '',
    parameters: null,
    context: null,
    metadata: null,
    submittedAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:01:00.000Z',
    endedAt: '2026-01-01T01:01:00.000Z',
    steps: [],
    ...some,
  }) as Job;

const different = (...jobs: Partial<Job>[]) =>
  compareJobs(jobs.map(job))
    .filter(({ differs }) => differs)
    .map(({ group, name, values }) => [group, name, ...values]);

test('jobs that are alike differ in nothing, and every field of them is there', () => {
  expect(different({}, { tags: ['y', 'x'] })).toEqual([]);
  expect(compareJobs([job({})]).map(({ name }) => name)).toContain('configuration');
});

test('fields, verdict, JSON by its paths and steps stand side by side', () => {
  expect(
    different(
      { name: 'a', parameters: { mesh: { size: 5 }, layers: [1, 2] } },
      { assessment: 'ok', parameters: { mesh: { size: 4 }, layers: [1, 3] } },
    ),
  ).toEqual([
    ['job', 'name', 'a', 'run'],
    ['verdict', 'assessment', null, 'ok'],
    ['parameters', 'mesh.size', 5, 4],
    ['parameters', 'layers[1]', 2, 3],
  ]);
});

test('durations differ when they are more than a tenth apart, or one is missing', () => {
  const steps = [step('mesh', 100), step('solve', 100), step('post', 100)];
  const others = [step('mesh', 105), step('solve', 150), step('post', null)];
  expect(different({ steps }, { steps: others })).toEqual([
    ['steps', 'solve', 100, 150],
    ['steps', 'post', 100, null],
  ]);
  expect(different({}, { startedAt: '2026-01-01T00:31:00.000Z' })).toEqual([
    ['times', 'waited', 60, 1_860],
    ['times', 'ran', 3_600, 1_800],
  ]);
});

test('from the base run only what was changed and what came of it counts, not who ran it where', () => {
  const base: ComparedJob = job({ parameters: { vent: 50, foam: 1 }, info: 'vent 50' });
  const next = job({
    user: 'doeb',
    submitDirectory: '/b',
    parameters: { vent: 52.5 },
    info: 'vent 52.5 ',
    status: 'failed',
    assessment: 'not_ok',
  });
  expect(differencesFrom(base, next).map(({ name, from, to }) => [name, from, to])).toEqual([
    ['vent', 50, 52.5],
    ['foam', 1, null],
    ['status', 'succeeded', 'failed'],
    ['assessment', null, 'not_ok'],
    ['info', 'vent 50', 'vent 52.5 '],
  ]);
});

test('long lists and empty things are values', () => {
  const long = Array.from({ length: 21 }, (_, i) => i);
  expect(leaves({ long, none: [], nothing: {}, zero: 0 })).toEqual([
    ['long', long],
    ['none', []],
    ['nothing', {}],
    ['zero', 0],
  ]);
});
