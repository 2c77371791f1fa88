import { expect, test } from 'vitest';
import { type Worker, WorkerRows } from './worker-rows.ts';

const worker = (name: string, ...jobs: string[]): Worker => ({
  worker: name,
  lastHeartbeatAt: '2026-03-10T10:00:00.000Z',
  jobs: jobs.map((job, index) => ({
    id: index + 1,
    name: job,
    step: null,
    progress: 0,
    claimedAt: '2026-03-10T10:00:00.000Z',
    leaseExpiresAt: '2026-03-10T10:00:09.000Z',
  })),
});
const said = (rows: ReturnType<WorkerRows['rowsOf']>) =>
  rows.map(({ worker: { worker: name }, job, isFirst }) => `${isFirst ? name : ''} ${job?.name ?? '–'}`);

test('a worker is named once, and they come by name', () => {
  const rows = new WorkerRows().rowsOf([worker('host-10', 'c'), worker('host-2', 'a', 'b')], 0);
  expect(said(rows)).toEqual(['host-2 a', ' b', 'host-10 c']);
});

test('lines are kept while short jobs come and go', () => {
  const rows = new WorkerRows();
  rows.rowsOf([worker('a', 'one', 'two')], 0);
  expect(said(rows.rowsOf([worker('a', 'three')], 3_000))).toEqual(['a three', ' –']);
  expect(said(rows.rowsOf([], 6_000))).toEqual(['a –', ' –']);
  expect(said(rows.rowsOf([worker('a', 'four', 'five')], 9_000))).toEqual(['a four', ' five']);
  expect(said(rows.rowsOf([worker('a', 'six')], 26_000))).toEqual(['a six', ' –']);
});

test('what stays away is given up after a while', () => {
  const rows = new WorkerRows();
  rows.rowsOf([worker('a', 'one', 'two'), worker('b', 'three')], 0);
  rows.rowsOf([worker('a', 'one')], 3_000);
  expect(said(rows.rowsOf([worker('a', 'one')], 24_000))).toEqual(['a one']);
  expect(rows.rowsOf([], 27_000)).toHaveLength(1);
  expect(rows.rowsOf([], 60_000)).toEqual([]);
});
