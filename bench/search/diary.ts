import type { JobStatus } from '@daybook/core';
import type { Worded } from '../../packages/server/src/jobs/words.ts';

/*
 * A team's diary of any length, the same for the same seed: two years of simulations, imports and scripts. Projects come
 * and go, words are as unequally frequent as in real texts (Zipf), two jobs in five have notes.
 */

/** Numbers between 0 and 1 that are the same every time (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const syllables = [
  'sle',
  'crash',
  'mo',
  'ti',
  'ra',
  'be',
  'lo',
  'ken',
  'dis',
  'ver',
  'al',
  'in',
  'tor',
  'mast',
  'weld',
];
const parts = [
  'sled',
  'door',
  'pillar',
  'seat',
  'dummy',
  'airbag',
  'roof',
  'bumper',
  'battery',
  'rocker',
  'mesh',
  'pulse',
];
const loads = ['front', 'side', 'pole', 'rear', 'rollover', 'EJM', 'ODB', 'MPDB', 'static', 'modal'];
const solvers = ['LS-DYNA', 'OpenFOAM', 'Nastran', 'Abaqus'];
const endings = [
  'succeeded',
  'succeeded',
  'succeeded',
  'succeeded',
  'succeeded',
  'failed',
  'finished',
  'other',
  'canceled',
];
const assessments = ['ok', 'ok', 'ok', 'not_ok', 'other', 'issue', 'obsolete'];
export const words = Array.from({ length: 6_000 }, (_, i) => wordNumber(i));
export const users = Array.from(
  { length: 120 },
  (_, i) => `${words[i * 7]?.slice(0, 4)}${String.fromCharCode(97 + (i % 26))}`,
);
export const projects = Array.from(
  { length: 500 },
  (_, i) => `${i % 5 === 0 ? 'q' : '3'}${String(100_000 + i * 1_731).slice(-6)}`,
);

function wordNumber(i: number): string {
  const random = randomFrom(i * 31 + 7);
  const count = 2 + Math.floor(random() * 3);
  return Array.from({ length: count }, () => syllables[Math.floor(random() * syllables.length)]).join('');
}

/** A row of `jobs` as the generator knows it, with what its words are made of. */
export interface MadeJob extends Worded {
  readonly status: JobStatus;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly submittedAt: number;
  readonly progress: number;
}

const YEARS = 2 * 365 * 86_400_000;
const END = Date.UTC(2026, 10, 1);

/** The job with this number among `count`. */
export function madeJob(id: number, count: number): MadeJob {
  const random = randomFrom(id * 2_654_435_761);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const often = <T>(from: readonly T[]) => from[Math.floor(from.length * random() ** 4)] as T;
  const text = (least: number, most: number) =>
    Array.from({ length: least + Math.floor(random() * (most - least)) }, () => often(words)).join(' ');
  // Forty projects at a time; the window moves through all of them.
  const age = id / count;
  const project = projects[
    Math.floor(age * (projects.length - 40)) + Math.floor(random() ** 2 * 40)
  ] as string;
  const kind = random() < 0.7 ? 'simulation' : pick(['import', 'ingest', 'script']);
  const submittedAt = Math.floor(END - YEARS + age * YEARS);
  const isActive = id > count - 60;
  const status = isActive ? pick(['queued', 'running']) : pick(endings);
  const isJudged = !isActive && random() < 0.6;
  const startedAt = status === 'queued' ? null : submittedAt + Math.floor(random() * 3_600_000);
  const name = `${pick(parts)}_${pick(loads)}_${often(words)}_LC${String(id % 40).padStart(2, '0')}_v${id % 7}.key`;
  return {
    id,
    externalId: String(1_000_000 + id),
    name,
    user: users[Math.floor(users.length * random() ** 2)] as string,
    project,
    kind,
    solver: kind === 'simulation' ? pick(solvers) : null,
    source: kind === 'simulation' ? 'cluster' : 'ci',
    submitDirectory: `/mnt/work/${project.slice(0, 2)}_prj/${project}/${often(words)}_${pick(loads)}/run_${id % 1_000}`,
    info: random() < 0.4 ? text(4, 25) : '',
    summary: isJudged ? text(3, 20) : '',
    tags: random() < 0.2 ? [...new Set([often(words), often(words)])] : [],
    analysisStatus: isJudged ? 'done' : pick(['open', 'open', 'ongoing']),
    assessment: isJudged ? (pick(assessments) as 'ok') : null,
    status: status as 'running',
    submittedAt,
    startedAt,
    endedAt: isActive || startedAt === null ? null : startedAt + Math.floor(random() ** 3 * 86_400_000),
    progress: status === 'succeeded' ? 100 : 40,
    providerId: 1,
  };
}
