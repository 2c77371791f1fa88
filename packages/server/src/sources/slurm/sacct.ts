import { isEnded } from '@daybook/core';
import { type Row, readRows } from '../scheduler/records.ts';
import type { Listing, Seen } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { slurmFacts, told } from './squeue.ts';
import { exitOf, slurmError, statusOfSlurm } from './states.ts';

/** Columns of `sacct -o`: what users write comes late, and the number stands at both ends. */
const columns = [
  'JobIDRaw',
  'JobID',
  'State',
  'ExitCode',
  'Submit',
  'Start',
  'End',
  'User',
  'Account',
  'Partition',
  'NNodes',
  'NCPUS',
  'WorkDir',
  'JobName',
  'JobIDRaw',
];

/**
 * Of all users, whole jobs alone, whatever state they were in since then. Always with `-S`: without it, sacct begins at
 * midnight and forgets what ended a minute before.
 */
export function sacctArguments(delimiter: string, secondsBack: number): string[] {
  const since = `now-${Math.ceil(secondsBack)}seconds`;
  return ['-a', '-X', '--parsable2', `--delimiter=${delimiter}`, '-S', since, '-o', columns.join(',')];
}

/** Reads `sacct --parsable2`; the header names the columns. Steps (`7.batch`) are no jobs. */
export function parseSacct(text: string, delimiter: string, time: TimeContext): Listing {
  const end = text.indexOf('\n');
  const header = (end < 0 ? text : text.slice(0, end)).trim();
  if (header === '' || end < 0) return { seen: [], unread: [] };
  const names = header.split(delimiter);
  const { rows, unread } = readRows(text.slice(end + 1), delimiter, names);
  const jobs = rows.filter((row) => /^\d+(?:_\d+)?$/.test(idOf(row)));
  return { seen: jobs.map((row) => seenOfRow(row, time)), unread };
}

function idOf(row: Row): string {
  return row['JobIDRaw'] ?? row['JobID'] ?? '';
}

function seenOfRow(row: Row, time: TimeContext): Seen {
  const word = row['State'] ?? '';
  const status = statusOfSlurm(word);
  const { code, signal } = exitOf(row['ExitCode']);
  const [, array, task] = /^(\d+)_(\d+)$/.exec(row['JobID'] ?? '') ?? [];
  return {
    id: idOf(row),
    status,
    word,
    submittedAt: schedulerTime(row['Submit'], time),
    startedAt: schedulerTime(row['Start'], time),
    endedAt: status !== undefined && isEnded(status) ? schedulerTime(row['End'], time) : undefined,
    name: told(row['JobName']),
    user: told(row['User']),
    submitDirectory: told(row['WorkDir']),
    error: slurmError(word, row['ExitCode']),
    metadata: slurmFacts({
      account: row['Account'],
      partition: row['Partition'],
      nodes: row['NNodes'],
      cpus: row['NCPUS'],
      array,
      task,
      exitCode: code,
      signal,
    }),
  };
}
