import { en, isMessageKey } from '@daybook/core';
import { describe, expect, test } from 'vitest';
import { readRows } from '../scheduler/records.ts';
import type { Listing } from '../scheduler/seen.ts';
import { sample, sampleColumns, sampleTime, withNumberAtEnd } from '../testing/scheduler-samples.ts';
import { parseJobcomp } from './jobcomp.ts';
import { slurmReason } from './reasons.ts';
import { parseSacct } from './sacct.ts';
import { parseScontrol } from './scontrol.ts';
import { parseSqueue } from './squeue.ts';
import { slurmError, statusOfSlurm } from './states.ts';

function statuses({ seen }: Listing): Record<string, unknown> {
  return Object.fromEntries(seen.map(({ id, status }) => [id, status]));
}

test('squeue tells of every job, with an array that waits as one', () => {
  const { text, columns } = withNumberAtEnd(sample('slurm', 'slurm22_squeue_o.txt'), sampleColumns);
  const listing = parseSqueue(text, '|', sampleTime, columns);
  expect(listing.unread).toEqual([]);
  expect(statuses(listing)).toEqual({
    3: 'queued',
    4: 'queued',
    5: 'queued',
    6: 'queued',
    7: 'queued',
    8: 'queued',
    9: 'queued',
    1: 'running',
    2: 'running',
  });
  expect(listing.seen.find(({ id }) => id === '1')).toMatchObject({
    name: 'main_deck_ok',
    user: 'simuser',
    submittedAt: Date.parse('2026-11-22T00:01:09Z'),
    startedAt: Date.parse('2026-11-22T00:01:10Z'),
    endedAt: undefined,
    submitDirectory: '/scratch/lab/jobs',
    metadata: { account: 'crash', partition: 'dyn', nodes: 1, cpus: 1 },
  });
  const reasons = listing.seen.flatMap(({ waiting }) => waiting?.code ?? []);
  expect(new Set(reasons)).toEqual(
    new Set(
      ['resources', 'priority', 'dependency', 'beginTime', 'heldByUser'].map(
        (code) => `source.waiting.${code}`,
      ),
    ),
  );
});

test('sacct and the completion file agree on how jobs ended', () => {
  const sacct = withNumberAtEnd(sample('slurm', 'slurm22_sacct_parsable2.txt'));
  const listing = parseSacct(sacct.text, '|', sampleTime);
  expect(listing.unread).toEqual([]);
  expect(statuses(listing)).toEqual({
    1: 'succeeded',
    2: 'failed',
    3: 'queued',
    4: 'canceled',
    5: 'running',
    7: 'queued',
  });
  expect(listing.seen.find(({ id }) => id === '2')).toMatchObject({
    error: 'Ended with exit code 3.',
    metadata: { exitCode: 3 },
  });
  const jobcomp = parseJobcomp(sample('slurm', 'slurm22_jobcomp_filetxt.log'), sampleTime);
  expect(jobcomp.unread).toEqual([]);
  expect(statuses(jobcomp)).toEqual({
    1: 'succeeded',
    2: 'failed',
    3: 'succeeded',
    4: 'canceled',
    5: 'failed',
    7: 'failed',
    10: 'failed',
    11: 'failed',
  });
  expect(jobcomp.seen.find(({ id }) => id === '10')?.metadata).toMatchObject({
    array: '7',
    task: 1,
    exitCode: 3,
  });
  expect(jobcomp.seen.find(({ id }) => id === '5')?.error).toBe('Reached its time limit.');
});

test('a name of several lines is no record of another job', () => {
  const row = (name: string) => [
    '2',
    '2',
    'N/A',
    'FAILED',
    'None',
    '1795338152',
    '1795338153',
    '1795338155',
    'root',
    'a',
    'p',
    '1',
    '1',
    '/x',
    name,
    '2',
  ];
  const forged = row('na\n5|5|N/A|COMPLETED|None|1|1|1|root|a|p|1|1|/x|n|5').join('<d>');
  const listing = parseSqueue(`${forged}\n${row('next').join('<d>')}\n`, '<d>', sampleTime);
  expect(listing.seen.map(({ id }) => id)).toEqual(['2', '2']);
  expect(listing.seen[0]?.name).toContain('5|5|N/A|COMPLETED');
  const log = sample('slurm', 'slurm22_jobcomp_filetxt.log').replace(
    'Name=main_deck_ok',
    'Name=two\nlines and JobState=FAILED',
  );
  expect(parseJobcomp(log, sampleTime)).toMatchObject({ unread: [], seen: { length: 8 } });
  expect(statuses(parseJobcomp(log, sampleTime))).toMatchObject({ 1: 'succeeded' });
});

test('users, groups and jobs may have names with spaces', () => {
  const log = sample('slurm', 'slurm22_jobcomp_filetxt.log')
    .replaceAll(
      'UserId=simuser(1001) GroupId=simuser(1001)',
      'UserId=LAB\\sim user(1001) GroupId=domain users (all)(513)',
    )
    .replace('Name=main_deck_ok', 'Name=main deck (new) Partition=x ok');
  const { seen, unread } = parseJobcomp(log, sampleTime);
  expect(unread).toEqual([]);
  expect(seen).toHaveLength(8);
  expect(seen.find(({ id }) => id === '1')).toMatchObject({
    user: 'LAB\\sim user',
    name: 'main deck (new) Partition=x ok',
    status: 'succeeded',
  });
});

test('scontrol tells restarts and the log, whatever users write into names and comments', () => {
  const text = sample('slurm', 'slurm22_scontrol_oneliner.txt');
  const details = parseScontrol(text);
  expect(details.size).toBe(text.trim().split('\n').length);
  expect(details.get('1')).toEqual({ tries: 0, logFile: '/scratch/lab/jobs/slurm-1.out' });
  const forged = text.replace('Comment=project=1234567 base=1', 'Comment=Restarts=9 StdOut=/etc/shadow');
  expect(parseScontrol(forged).get('1')).toEqual({ tries: 0, logFile: '/scratch/lab/jobs/slurm-1.out' });
});

describe('states', () => {
  test.each([
    ['CANCELLED by 1001', 'canceled'],
    ['CANCELLED+', 'canceled'],
    ['TIMEOUT', 'failed'],
    ['NODE_FAIL', 'failed'],
    ['OUT_OF_MEMORY', 'failed'],
    ['PREEMPTED', 'other'],
    ['REQUEUED', 'queued'],
    ['COMPLETING', 'running'],
    ['COMPLETE', undefined],
    ['', undefined],
    ['constructor', undefined],
  ])('%s is %s', (word, status) => {
    expect(statusOfSlurm(word)).toBe(status);
  });

  test('an end says what it was', () => {
    expect(slurmError('FAILED', '0:9')).toBe('Ended by signal 9.');
    expect(slurmError('COMPLETED', '0:0')).toBeUndefined();
  });
});

// Those of "Job Reason Codes" of Slurm's documentation that are made by a grammar, and some that are not.
const reasons = ['Assoc', 'QOS'].flatMap((holder) =>
  ['Cpu', 'CPU', 'Mem', 'Memory', 'Node', 'GRES', 'License', 'BB', 'Energy', 'Billing', 'Unknown'].flatMap(
    (resource) => [
      `${holder}Grp${resource}`,
      `${holder}Grp${resource}Limit`,
      `${holder}Grp${resource}Minutes`,
      `${holder}Grp${resource}RunMinutes`,
      `${holder}Max${resource}PerJob`,
      `${holder}Max${resource}PerNode`,
      `${holder}Max${resource}PerUser`,
      `${holder}Max${resource}MinutesPerJob`,
      `${holder}Min${resource}`,
      `Max${resource}PerAccount`,
    ],
  ),
);

test.each([
  ...new Set([
    ...reasons,
    ...[
      'AssocGrpJobsLimit',
      'AssocGrpSubmitJobsLimit',
      'AssocMaxJobsLimit',
      'AssocMaxSubmitJobLimit',
      'AssocGrpWallLimit',
    ],
    ...[
      'AssocMaxWallDurationPerJobLimit',
      'QOSMaxJobsPerUserLimit',
      'QOSMaxSubmitJobPerUserLimit',
      'QOSJobLimit',
    ],
    ...[
      'QOSResourceLimit',
      'QOSTimeLimit',
      'QOSMinCpuNotSatisfied',
      'MaxJobsPerAccount',
      'MaxSubmitJobsPerAccount',
    ],
    ...[
      'AssociationJobLimit',
      'AssociationResourceLimit',
      'AssociationTimeLimit',
      'QOSUsageThreshold',
      'MaxMemPerLimit',
    ],
    ...[
      'Resources',
      'Priority',
      'Dependency',
      'DependencyNeverSatisfied',
      'BeginTime',
      'JobHeldUser',
      'JobHeldAdmin',
    ],
    ...[
      'Licenses',
      'Reservation',
      'ReqNodeNotAvail, UnavailableNodes:n[1-3]',
      'PartitionDown',
      'PartitionTimeLimit',
    ],
    ...[
      'BadConstraints',
      'JobArrayTaskLimit',
      'Prolog',
      'Cleaning',
      'InvalidQOS',
      'AccountNotAllowed',
      'FedJobLock',
    ],
  ]),
])('%s has a sentence', (reason) => {
  const sentence = slurmReason(reason);
  expect(sentence?.detail).toBe(reason);
  expect(sentence?.code).not.toBe('source.waiting.other');
  expect(isMessageKey(sentence?.code ?? '') && en[sentence?.code as keyof typeof en]).toBeTruthy();
});

test('what says nothing is no reason, and what is new is passed on', () => {
  expect(slurmReason('None')).toBeUndefined();
  expect(slurmReason('SomethingNew')).toEqual({ code: 'source.waiting.other', detail: 'SomethingNew' });
});

test('long texts of users take no time', () => {
  const long = ' '.repeat(100_000);
  const begin = performance.now();
  const record = `JobId=5 JobName=x Restarts=2 Comment=${long}x StdOut=/mnt/a${long}b Power=\n`;
  expect(parseScontrol(record).get('5')).toEqual({ tries: 2, logFile: `/mnt/a${long}b` });
  expect(readRows(`5|a${long}x|5\n`, '|', ['A', 'j', 'A']).rows).toHaveLength(1);
  // A pattern that goes back over what it has read takes minutes.
  expect(performance.now() - begin).toBeLessThan(15_000);
});
