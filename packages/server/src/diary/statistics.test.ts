import { type Statistics, statisticsQuerySchema } from '@daybook/core';
import { beforeAll, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { actorOf, type Diary, diaryOn } from '../jobs/testing/diary.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { readStatistics } from './statistics.ts';

const minutes = (n: number) => n * 60_000;

forEachEngine((_engine, newDatabase) => {
  let diary: Diary;
  beforeAll(async () => {
    // Its clock stands after the night of March 29th 2026, when those of Berlin were put forward.
    const clock = new TestClock(Date.parse('2026-04-02T10:00:00Z'));
    diary = diaryOn((await newDatabase()).open(), clock);
    const ended = (at: string, more: object = {}) => {
      const end = Date.parse(at);
      return {
        status: 'succeeded' as const,
        submittedAt: new Date(end - minutes(30)).toISOString(),
        startedAt: new Date(end - minutes(20)).toISOString(),
        endedAt: new Date(end).toISOString(),
        project: 'a',
        ...more,
      };
    };
    const from = (at: string, ran: number, more: object = {}) =>
      ended(at, { startedAt: new Date(Date.parse(at) - minutes(ran)).toISOString(), ...more });
    await diary.createMany([
      // Still Saturday in UTC, but Sunday in Berlin.
      ended('2026-03-28T23:30:00Z'),
      // Sunday is 23 hours long there: this is its last minute, and the first of Monday.
      from('2026-03-29T21:59:00Z', 10, { status: 'failed', project: 'b' }),
      from('2026-03-29T22:00:00Z', 15, { user: 'doea' }),
      from('2026-03-30T12:00:00Z', 5, { status: 'canceled' }),
      ended('2026-03-31T12:00:00Z', { project: 'secret' }),
      ended('2025-01-01T12:00:00Z'),
      { status: 'running', project: 'a' },
    ]);
  });

  const ask = (query: object, projects?: string[]): Promise<Statistics> =>
    readStatistics(
      diary.store.bulk,
      actorOf({}, projects ? { projects } : { all: true }).scope,
      statisticsQuerySchema.parse({ from: '2026-03-28', to: '2026-03-30', ...query }),
      { now: Date.parse('2026-04-02T10:00:00Z'), timeZone: 'Europe/Berlin' },
    );

  test('days are those of the diary’s time zone, also where the clocks are put forward', async () => {
    const { spans, total, groups } = await ask({});
    expect(spans.map(({ since, ended }) => [since, ended])).toEqual([
      ['2026-03-27T23:00:00.000Z', {}],
      ['2026-03-28T23:00:00.000Z', { succeeded: 1, failed: 1 }],
      ['2026-03-29T22:00:00.000Z', { succeeded: 1, canceled: 1 }],
    ]);
    expect(total).toEqual({
      ended: { succeeded: 2, failed: 1, canceled: 1 },
      jobs: 4,
      waited: 17.5 * 60,
      ran: 12.5 * 60,
    });
    expect(groups.map(({ value, jobs }) => [value, jobs])).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
    expect(spans[1]).toMatchObject({ waited: 15 * 60, ran: 15 * 60 });
    expect(spans[0]).toMatchObject({ waited: null, ran: null });
  });

  test('weeks begin on Monday; filters narrow; other groups are told', async () => {
    const { spans, groups } = await ask({ per: 'week', by: 'user', to: '2026-04-02' });
    expect(spans.map(({ since, jobs }) => [since, jobs])).toEqual([
      ['2026-03-22T23:00:00.000Z', 2],
      ['2026-03-29T22:00:00.000Z', 3],
    ]);
    expect(groups.map(({ value, jobs }) => [value, jobs])).toEqual([
      [null, 4],
      ['doea', 1],
    ]);
    expect((await ask({ project: 'b' })).total).toMatchObject({ jobs: 1, ran: 600 });
  });

  test('whoever sees only some jobs gets the figures of those', async () => {
    expect((await ask({ to: '2026-04-02' }, ['b'])).total.jobs).toBe(1);
    expect((await ask({ to: '2026-04-02' }, [])).total).toEqual({
      ended: {},
      jobs: 0,
      waited: null,
      ran: null,
    });
  });

  test.each([{ from: '2026-04-01', to: '2026-03-01' }, { from: '2020-01-01' }])(
    '%j is refused',
    async (query) => {
      await expect(ask(query)).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );
});
