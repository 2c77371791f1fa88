import { limits } from '@daybook/core';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';

/** What the README of a job tells (contracts/caejobdiary.md); each part may be missing. */
export interface ReadmeFacts {
  readonly name?: string;
  readonly user?: string;
  readonly mail?: string;
  readonly solver?: string;
  readonly info?: string;
  readonly baseRuns?: readonly string[];
  /** Milliseconds. */
  readonly submittedAt?: number;
  /** What it lacks, by the words of the file. */
  readonly missing: readonly string[];
}

// The label is ISO-8859-1's; browsers and Node read it as windows-1252, which has its letters, and typographic quotes.
const latin1 = new TextDecoder('iso-8859-1');
const HEADER = '********Header********';

export function parseReadme(bytes: Buffer, time: TimeContext): ReadmeFacts {
  const lines = latin1.decode(bytes).split(/\r\n|\n|\r/);
  const info = infoOf(lines);
  const baseRuns = fieldOf(lines, /^\s*base-run\s*\(job-id\)\s*:(.*)$/i)?.match(/\d+/g) ?? undefined;
  const facts = {
    name: fieldOf(lines, /^\s*FILE\s*:(.*)$/),
    user: fieldOf(lines, /^\s*Sub-User\s*:(.*)$/),
    mail: fieldOf(lines, /^\s*EMail\s*:(.*)$/i),
    solver: fieldOf(lines, /^\s*Solver\s*:(.*)$/),
    submittedAt: schedulerTime(fieldOf(lines, /^\s*Sub-Date\s*:(.*)$/), time),
    info,
  };
  const words = {
    name: 'FILE',
    user: 'Sub-User',
    mail: 'EMail',
    solver: 'Solver',
    submittedAt: 'Sub-Date',
    info: 'information',
  };
  const missing = Object.entries(words).flatMap(([field, word]) =>
    facts[field as keyof typeof facts] === undefined ? [word] : [],
  );
  const runs = [...new Set(baseRuns)].slice(0, limits.baseRunsPerJob);
  return {
    ...(Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as typeof facts &
      object),
    ...(runs.length > 0 && { baseRuns: runs }),
    missing,
  } as ReadmeFacts;
}

function fieldOf(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const value = pattern.exec(line)?.[1]?.trim();
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** The lines between the word and the header; without the header the file is not whole yet. */
function infoOf(lines: readonly string[]): string | undefined {
  const begin = lines.findIndex((line) => /^\s*information\s*:/i.test(line));
  const end = lines.findIndex((line, i) => i > begin && line.includes(HEADER));
  if (begin < 0 || end < 0) return undefined;
  const first = (lines[begin] ?? '').replace(/^\s*information\s*:/i, '');
  const text = [first, ...lines.slice(begin + 1, end)]
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, ' ')
    .trim();
  return text.slice(0, limits.longText).toWellFormed();
}
