import { isEnded } from '@daybook/core';
import { type Row, readRows } from '../scheduler/records.ts';
import { defined, type Listing, type Seen } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { slurmReason } from './reasons.ts';
import { slurmError, statusOfSlurm } from './states.ts';

/**
 * Columns of `squeue -o`, by their letters (squeue(1)): what users write comes late, and the
 * number stands at both ends. `--json` is another format in every version, and takes the controller many times longer.
 */
export const squeueColumns = ['A', 'F', 'K', 'T', 'r', 'V', 'S', 'e', 'u', 'a', 'P', 'D', 'C', 'Z', 'j', 'A'];

/** Of all users (`-a`: hidden partitions, too), those that ended a moment ago included. */
export function squeueArguments(delimiter: string): string[] {
  return ['-a', '-h', '-t', 'all', '-o', squeueColumns.map((letter) => `%${letter}`).join(delimiter)];
}

export function parseSqueue(
  text: string,
  delimiter: string,
  time: TimeContext,
  columns: readonly string[] = squeueColumns,
): Listing {
  const { rows, unread } = readRows(text, delimiter, columns);
  return { seen: rows.map((row) => seenOfRow(row, time)), unread };
}

function seenOfRow(row: Row, time: TimeContext): Seen {
  const word = row['T'] ?? '';
  const status = statusOfSlurm(word);
  const reason = row['r'] ?? '';
  return {
    // Of an array, what waits is one record under the array's own number, which its last task keeps.
    id: row['A'] ?? rawIdOf(row['i'] ?? ''),
    status,
    word,
    submittedAt: schedulerTime(row['V'], time),
    startedAt: status === 'queued' ? undefined : schedulerTime(row['S'], time),
    // Of a running job, this is when it must end.
    endedAt: status !== undefined && isEnded(status) ? schedulerTime(row['e'], time) : undefined,
    name: told(row['j']),
    user: told(row['u']),
    submitDirectory: told(row['Z']),
    error: slurmError(word, undefined),
    waiting: status === 'queued' ? slurmReason(reason) : undefined,
    metadata: slurmFacts({
      account: row['a'],
      partition: row['P'],
      nodes: row['D'],
      cpus: row['C'],
      array: row['F'] === row['i'] || row['K'] === 'N/A' ? undefined : row['F'],
      task: row['K'],
    }),
  };
}

/** `7_[1-3]` waits as 7; `7_2`, once it runs, has a number of its own that `%i` does not tell. */
function rawIdOf(text: string): string {
  return /^(\d+)_\[/.exec(text)?.[1] ?? text;
}

/** What Slurm prints where there is nothing. */
const nothing = new Set(['', '(null)', 'N/A', 'None', 'Unknown', 'None assigned']);

export function told(text: string | undefined): string | undefined {
  return text === undefined || nothing.has(text.trim()) ? undefined : text.trim();
}

/** The same names from every command, so that what one tells does not undo what another told. */
export function slurmFacts(facts: {
  account?: string | undefined;
  partition?: string | undefined;
  nodes?: string | undefined;
  cpus?: string | undefined;
  array?: string | undefined;
  task?: string | undefined;
  exitCode?: number | undefined;
  signal?: number | undefined;
}): Record<string, string | number> {
  const { nodes, cpus, exitCode, signal, ...texts } = facts;
  const { account, partition, array, task } = texts;
  const isTask = told(array) !== undefined && /^\d+$/.test(task ?? '');
  return defined({
    account: told(account),
    partition: told(partition),
    nodes: wholeNumber(nodes),
    cpus: wholeNumber(cpus),
    array: isTask ? told(array) : undefined,
    task: isTask ? Number(task) : undefined,
    exitCode,
    signal,
  }) as Record<string, string | number>;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
