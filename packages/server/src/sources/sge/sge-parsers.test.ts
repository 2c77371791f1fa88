import { isMessageKey } from '@daybook/core';
import { describe, expect, test } from 'vitest';
import type { Listing } from '../scheduler/seen.ts';
import { sample, sampleTime } from '../testing/scheduler-samples.ts';
import { parseAccounting } from './accounting.ts';
import { sgeMessage, sgeReason } from './messages.ts';
import { parseQstatDetail } from './qstat-detail.ts';
import { parseQstatList, tasksOf } from './qstat-list.ts';
import { parseReporting } from './reporting.ts';
import { endOfSge, stateOfSge } from './states.ts';
import { XmlError } from './xml.ts';

function statuses({ seen }: Listing): Record<string, unknown> {
  return Object.fromEntries(seen.map(({ id, status }) => [id, status]));
}

test('qstat tells of every job, and of the tasks of arrays', () => {
  const listing = parseQstatList(sample('sge', 'sge819_qstat_u_all.xml'), sampleTime);
  expect(statuses(listing)).toEqual({
    3: 'running',
    '7.2': 'running',
    '7.3': 'queued',
    8: 'queued',
    9: 'queued',
    5: 'queued',
    6: 'queued',
  });
  const full = parseQstatList(sample('sge', 'sge819_qstat_full_ext.xml'), sampleTime);
  expect(statuses(full)).toEqual(statuses(listing));
  const error = parseQstatList(sample('sge', 'sge819_qstat_Eqw.xml'), sampleTime).seen;
  expect(error.map(({ waiting }) => waiting?.code)).toEqual([
    'source.waiting.errorState',
    'source.waiting.held',
  ]);
});

test('what is cut off, or another program, is no list', () => {
  const text = sample('sge', 'sge819_qstat_u_all.xml');
  expect(() => parseQstatList(text.slice(0, -20), sampleTime)).toThrow(XmlError);
  expect(() => parseQstatList('<html></html>', sampleTime)).toThrow('expected job_info');
  expect(() => parseQstatList('', sampleTime)).toThrow();
});

test('qstat -j tells directory, time of submission, and why it waits', () => {
  const details = parseQstatDetail(sample('sge', 'sge819_qstat_j_3.xml'), sampleTime);
  expect([...details]).toEqual([
    [
      '3',
      {
        submittedAt: 1_795_305_819_000,
        name: 'long_del.dyn',
        user: 'simuser',
        submitDirectory: '/scratch/lab/jobs',
        waiting: expect.objectContaining({ code: 'source.waiting.full' }),
      },
    ],
  ]);
  expect(parseQstatDetail(sample('sge', 'sge819_qstat_xml_j_unknown.xml'), sampleTime).size).toBe(0);
});

const ends = {
  1: 'succeeded',
  2: 'failed',
  4: 'succeeded',
  6: 'succeeded',
  8: 'succeeded',
  '7.1': 'failed',
  '7.2': 'failed',
  '7.3': 'failed',
};

test('the accounting: a job that never ran has not ended, and a kill has no author', () => {
  const listing = parseAccounting(sample('sge', 'sge819_accounting.txt'), sampleTime);
  expect(listing.unread).toEqual([]);
  expect(statuses(listing)).toEqual({ ...ends, 3: 'other' });
  expect(listing.seen.find(({ id }) => id === '2')).toMatchObject({
    submittedAt: 1_795_305_819_000,
    endedAt: 1_795_305_822_000,
    error: 'Ended with exit code 3.',
    metadata: { queue: 'dyn', host: 'sgenode', slots: 1, exitCode: 3 },
  });
});

test('the reporting file tells who killed it', () => {
  const listing = parseReporting(sample('sge', 'sge819_reporting_joblog.txt'), new Set(), sampleTime);
  expect(listing.unread).toEqual([]);
  const told = listing.seen.filter(({ status }) => status !== undefined);
  expect(statuses({ seen: told, unread: [] })).toEqual({ ...ends, 3: 'canceled' });
});

test("Univa's milliseconds, and the slave tasks of parallel jobs", () => {
  const line =
    sample('sge', 'sge819_accounting.txt')
      .split('\n')
      .find((each) => each.includes(':2:sge:')) ?? '';
  const univa = line.replaceAll(/:(17953058\d\d)(?=:)/g, ':$1123');
  expect(parseAccounting(univa, sampleTime).seen[0]).toMatchObject({
    submittedAt: 1_795_305_819_123,
    endedAt: 1_795_305_822_123,
  });
  const fields = line.split(':');
  fields[41] = '1.sgenode';
  expect(parseAccounting(fields.join(':'), sampleTime)).toEqual({ seen: [], unread: [] });
});

test.each([
  [{ failed: 0, exitStatus: 0, endedAt: undefined }, false, undefined],
  [{ failed: 25, exitStatus: 99, endedAt: 1 }, false, undefined],
  [{ failed: 28, exitStatus: 0, endedAt: undefined }, false, undefined],
  [{ failed: 100, exitStatus: 139, endedAt: 1 }, false, 'failed'],
  [{ failed: 100, exitStatus: 137, endedAt: 1 }, false, 'other'],
  [{ failed: 100, exitStatus: 137, endedAt: 1 }, true, 'canceled'],
  [{ failed: 0, exitStatus: 0, endedAt: 1 }, true, 'succeeded'],
  [{ failed: 37, exitStatus: 0, endedAt: 1 }, false, 'failed'],
])('%o, deleted %s: %s', (record, deleted, status) => {
  expect(endOfSge(record, deleted)?.status).toBe(status);
});

test.each([
  ['qw', 'queued'],
  ['hqw', 'queued'],
  ['Eqw', 'queued'],
  ['hRwq', 'queued'],
  ['t', 'running'],
  ['dr', 'running'],
  ['Rr', 'running'],
  ['S', 'running'],
  ['z', undefined],
  ['', undefined],
  ['q!', undefined],
])('%s is %s', (letters, status) => {
  expect(stateOfSge(letters).status).toBe(status);
});

test('ranges of tasks', () => {
  expect(tasksOf('2')).toEqual([2]);
  expect(tasksOf('1-3:1,5,7-11:2')).toEqual([1, 2, 3, 5, 7, 9, 11]);
  expect(tasksOf('1-1000000:1')).toHaveLength(1_000);
  expect(tasksOf('9-1:0')).toEqual([]);
});

describe('messages of the scheduler', () => {
  test.each([
    ['queue instance "dyn@sgenode" dropped because it is full', 'full'],
    ['All queues dropped because of overload or full', 'full'],
    ['Job is in hold state', 'held'],
    ['Job is in error state', 'errorState'],
    ['job dropped because of job dependencies', 'dependency'],
    ['(-l h_vmem=999999G) cannot run in queue "sgenode" because it offers only hc:h_vmem=7.7G', 'resources'],
    ['cannot run in PE "mpi" because it only offers 2 slots', 'slots'],
    ['has no permission for cluster queue "dyn"', 'noPermission'],
    ['cannot run because it exceeds limit "////" in rule "max/1"', 'quota'],
    ['queue instance "dyn@n" dropped because it is overloaded: np_load_avg=2.1', 'overloaded'],
    ['queue instance "dyn@n" dropped because it is temporarily not available', 'queueUnavailable'],
    ['queue instance "dyn@n" dropped because it is disabled', 'queueClosed'],
    ['Jobs can not run because execution time not reached', 'beginTime'],
    ['cannot run in queue instance "d@n" because the job runtime of 99 sec. is too long', 'queueTime'],
  ])('%s', (message, code) => {
    expect(sgeMessage(message).code).toBe(`source.waiting.${code}`);
    expect(isMessageKey(sgeMessage(message).code)).toBe(true);
  });

  test('of several, the one that explains most', () => {
    expect(sgeReason(['queue instance "a" dropped because it is full', 'Job is in hold state'])?.code).toBe(
      'source.waiting.held',
    );
    expect(sgeReason([])).toBeUndefined();
  });
});
