import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TimeContext } from '../scheduler/times.ts';

/** The samples were taken on 22 November 2026, by clocks that stood in UTC. */
export const sampleTime: TimeContext = { timeZone: 'UTC', now: Date.parse('2026-11-22T01:00:00Z') };

/** A real output of a real scheduler, as a file beside the code of its kind. */
export function sample(kind: 'slurm' | 'sge' | 'pbs', file: string): string {
  return readFileSync(join(import.meta.dirname, '..', kind, 'fixtures', file), 'utf8');
}

/** As the samples were printed. */
export const sampleColumns = [
  'i',
  'F',
  'K',
  'P',
  'j',
  'u',
  'a',
  't',
  'T',
  'r',
  'V',
  'S',
  'e',
  'M',
  'l',
  'D',
  'C',
  'R',
  'Z',
  'o',
  'k',
];

/** The samples were taken before the number stood at both ends of a record. */
export function withNumberAtEnd(
  text: string,
  columns: readonly string[] = [],
): { text: string; columns: string[] } {
  const lines = text.split('\n').filter((line) => line !== '');
  const ended = lines.map((line) => `${line}|${line.split('|', 1)[0]}`);
  return { text: `${ended.join('\n')}\n`, columns: [...columns, columns[0] ?? ''] };
}
