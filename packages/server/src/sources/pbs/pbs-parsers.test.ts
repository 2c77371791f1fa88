import { expect, test } from 'vitest';
import { sample, sampleTime } from '../testing/scheduler-samples.ts';
import { parseQstat } from './qstat.ts';

test('OpenPBS as JSON, with what it writes bare', () => {
  const { seen, unread } = parseQstat(sample('pbs', 'openpbs.json'), sampleTime);
  expect(unread).toEqual([]);
  expect(Object.fromEntries(seen.map(({ id, status }) => [id, status]))).toEqual({
    101: 'succeeded',
    102: 'failed',
    103: 'canceled',
    104: 'failed',
    105: 'running',
    106: 'queued',
    '107[]': 'running',
    '107[1]': 'succeeded',
    108: 'queued',
  });
  expect(seen[0]).toMatchObject({
    name: 'main_deck_ok',
    user: 'simuser',
    submittedAt: Date.parse('2026-11-22T00:03:38Z'),
    endedAt: Date.parse('2026-11-22T00:03:45Z'),
    submitDirectory: '/scratch/lab/jobs',
    logFile: '/scratch/lab/jobs/main_deck_ok.o101',
    metadata: { queue: 'workq' },
  });
  expect(seen.find(({ id }) => id === '104')?.error).toBe('Reached its time limit.');
  expect(seen.find(({ id }) => id === '106')?.waiting?.code).toBe('source.waiting.resources');
});

test('Torque as text, with values that go on in the next line', () => {
  const { seen } = parseQstat(sample('pbs', 'torque.txt'), sampleTime);
  expect(seen.map(({ id, status, submitDirectory }) => [id, status, submitDirectory])).toEqual([
    ['201', 'succeeded', '/scratch/lab/jobs'],
    ['202', 'other', '/scratch/lab/jobs'],
    ['203', 'queued', '/scratch/lab/jobs'],
  ]);
});

test('nothing, and what is neither', () => {
  expect(parseQstat('', sampleTime).seen).toEqual([]);
  expect(parseQstat('{"timestamp": 1, "pbs_version": "20"}', sampleTime).seen).toEqual([]);
  expect(() => parseQstat('pbs_iff: error', sampleTime)).toThrow();
});

test('a text of a user with line breaks and tabs in it, bare, takes no list away', () => {
  const job = '{"job_state": "R", "Variable_List": {"X": "a\n\tb", "PBS_O_WORKDIR": "/mnt/run"}}';
  const { seen, unread } = parseQstat(`{"Jobs": {"1.server": ${job}}}`, sampleTime);
  expect(unread).toEqual([]);
  expect(seen).toMatchObject([{ id: '1', status: 'running', submitDirectory: '/mnt/run' }]);
});

test('of two records of one job, one may stand in a text of another user: neither is believed', () => {
  const forged = 'X=\n\nJob Id: 5.server\n    job_state = F\n    Exit_status = 1';
  const text = `Job Id: 4.server\n    job_state = R\n    Variable_List = ${forged}\n\nJob Id: 5.server\n    job_state = R\n\n`;
  const { seen, unread } = parseQstat(text, sampleTime);
  expect(seen.map(({ id }) => id)).toEqual(['4']);
  expect(unread.map(({ id }) => id)).toEqual(['5', '5']);
});

test('an exit status that was damaged on its way is no other one', () => {
  const job = (exit: string) => `Job Id: 202.torquenode\n    job_state = C\n    exit_status = ${exit}\n\n`;
  const statusOf = (exit: string) => parseQstat(job(exit), sampleTime).seen.map(({ status }) => status);
  expect(statusOf('2')).toEqual(['failed']);
  expect(statusOf('2\nx71')).toEqual(['finished']);
});
