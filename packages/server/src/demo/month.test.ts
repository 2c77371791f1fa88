import { eventInputSchema, jobCreateSchema, toIso } from '@daybook/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR } from './calendar.ts';
import { type PlannedJob, planMonth } from './month.ts';

const now = Date.parse('2026-03-18T10:20:30.000Z');
let month: readonly PlannedJob[];

beforeAll(async () => {
  month = await planMonth(now, 'a seed');
});

describe('the month of the demo', () => {
  test('is the same for the same seed and moment, and another for another seed', async () => {
    expect(await planMonth(now, 'a seed')).toEqual(month);
    expect(await planMonth(now, 'another seed')).not.toEqual(month);
  });

  test('is what clients could have sent', () => {
    for (const { create, told } of month) {
      const { submittedAt = 0, ...rest } = create;
      expect(jobCreateSchema.parse({ ...rest, submittedAt: toIso(submittedAt) })).toEqual(create);
      for (const { event } of told)
        expect(eventInputSchema.parse({ ...event, at: toIso(event.at ?? 0) })).toEqual(event);
    }
  });

  test('has about 400 jobs of all kinds, projects and people', () => {
    expect(month.length).toBeGreaterThan(380);
    expect(month.length).toBeLessThan(440);
    const kinds = Map.groupBy(month, ({ create }) => create.kind);
    expect(kinds.get('simulation')?.length).toBeGreaterThan(200);
    for (const kind of ['import', 'ingest', 'script']) expect(kinds.get(kind)?.length).toBeGreaterThan(30);
    expect(new Set(month.map(({ create }) => create.project).filter(Boolean))).toEqual(
      new Set(['3001234', 'q000351', 'r210007']),
    );
    expect(new Set(month.map(({ create }) => create.user)).size).toBeGreaterThanOrEqual(6);
  });

  test('lies in the last 30 days, in working hours of working days for the most part', () => {
    const simulations = month.filter(
      ({ create, state }) => create.kind === 'simulation' && state === 'ended',
    );
    const moments = simulations.map(({ create }) => create.submittedAt ?? 0);
    expect(Math.min(...moments)).toBeGreaterThan(now - 30 * DAY);
    expect(Math.max(...moments)).toBeLessThan(now);
    const inOffice = moments.filter((at) => {
      const date = new Date(at);
      return ![0, 6].includes(date.getUTCDay()) && date.getUTCHours() >= 6 && date.getUTCHours() < 19;
    });
    expect(inOffice.length / moments.length).toBeGreaterThan(0.85);
  });

  test('tells nothing of the future, and each job in order', () => {
    for (const { told, create } of month) {
      const moments = told.map(({ at }) => at);
      expect(moments).toEqual([...moments].sort((a, b) => a - b));
      expect(moments.at(-1) ?? now).toBeLessThanOrEqual(now);
      expect(moments[0] ?? now).toBeGreaterThanOrEqual(create.submittedAt ?? 0);
    }
  });

  test('has lineages: base runs are earlier runs, and the text says what was changed', () => {
    const submitted = new Map(month.map(({ create }) => [create.externalId, create.submittedAt ?? 0]));
    const variants = month.filter(({ create }) => (create.baseRuns?.length ?? 0) > 0);
    expect(variants.length).toBeGreaterThan(180);
    for (const { create } of variants) {
      const [base = ''] = create.baseRuns ?? [];
      expect(submitted.get(base)).toBeLessThan(create.submittedAt ?? 0);
      expect(create.info).toContain(base);
    }
  });

  test('has verdicts on what is old and open questions on what is new', () => {
    const ended = month.filter(({ create, state }) => create.kind === 'simulation' && state === 'ended');
    const isDone = ({ create, edit }: PlannedJob) => (edit ?? create).analysisStatus === 'done';
    const share = (jobs: readonly PlannedJob[]) => jobs.filter(isDone).length / jobs.length;
    const isOld = ({ create }: PlannedJob) => (create.submittedAt ?? 0) < now - 7 * DAY;
    const isNew = ({ create }: PlannedJob) => (create.submittedAt ?? 0) > now - 20 * HOUR;
    expect(share(ended.filter(isOld))).toBeGreaterThan(0.8);
    expect(share(ended.filter(isNew))).toBeLessThan(0.4);
    expect(ended.filter(({ edit }) => edit !== undefined).length).toBeGreaterThan(3);
    const assessed = new Set(ended.map(({ create, edit }) => (edit ?? create).assessment));
    for (const assessment of ['ok', 'not_ok', 'issue', 'obsolete']) expect(assessed).toContain(assessment);
  });

  test('fails sometimes, for reasons that somebody could act on', () => {
    const errors = month.flatMap(({ told }) =>
      told.flatMap(({ event }) => (event.kind === 'error' ? [event.message ?? ''] : [])),
    );
    expect(errors.length / month.length).toBeGreaterThan(0.04);
    expect(errors.length / month.length).toBeLessThan(0.14);
    expect(new Set(errors).size).toBeGreaterThan(errors.length * 0.7);
    for (const error of errors) expect(error.length).toBeGreaterThan(25);
  });

  test('has jobs that run, wait and have fallen silent right now, at any hour', async () => {
    for (const hour of [0, 3, 12, 23]) {
      const at = Date.parse('2026-03-15T00:00:00.000Z') + hour * HOUR; // a Sunday
      const jobs = await planMonth(at, 'a seed');
      const active = jobs.filter(({ state }) => state === 'active');
      expect(active.filter(({ told }) => told.length > 0).length).toBeGreaterThanOrEqual(10);
      expect(active.filter(({ told }) => told.length === 0).length).toBeGreaterThanOrEqual(4);
      expect(jobs.filter(({ state }) => state === 'silent').length).toBe(2);
    }
  });
});
