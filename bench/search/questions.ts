import { projects, randomFrom, users, words } from './diary.ts';

/** Milliseconds that 95 of 100 first pages may take. */
export const pageAim = { sqlite: 50, postgres: 100 } as const;

/** What is asked, by name; `n` makes each asking another one, so that nothing is answered from a cache. */
export interface Question {
  readonly name: string;
  /** Milliseconds that 95 of 100 answers may take; what a first page may take (`pageAim`) if it says nothing. */
  readonly aim?: number;
  path(n: number): string;
}

const list = (parameters: Record<string, string>) =>
  `/api/v1/jobs?${new URLSearchParams({ limit: '50', ...parameters })}`;
const q = (text: string, more: Record<string, string> = {}) => list({ q: text, ...more });
const at = <T>(from: readonly T[], n: number) => from[Math.floor(randomFrom(n + 1)() * from.length)] as T;
const rare = (n: number) => words[4_000 + ((n * 37) % 1_900)] as string;
const common = (n: number) => words[(n * 3) % 30] as string;

/** Fifty jobs by their numbers: what every list costs without finding anything, on this machine in this minute. */
export function plainPage(count: number, n: number): string {
  const first = Math.floor(randomFrom(n + 7)() * (count - 50));
  return q(`id:${Array.from({ length: 50 }, (_, i) => first + i + 1).join(',')}`);
}

export function questions(count: number): Question[] {
  const some = (n: number) => Math.floor(randomFrom(n + 99)() * count);
  const cursor = (id: number) => Buffer.from(JSON.stringify(['-id', id, id])).toString('base64url');
  return [
    { name: 'list, newest first', path: () => list({}) },
    { name: 'list, a page far down', path: (n) => list({ cursor: cursor(some(n)) }) },
    { name: 'list, last page', path: () => list({ sort: 'id' }) },
    { name: 'obsolete left out', path: () => q('-assessment:obsolete') },
    { name: 'two letters', path: (n) => q(common(n).slice(0, 2)) },
    { name: 'prefix, common', path: (n) => q(common(n).slice(0, 5)) },
    { name: 'prefix, rare', path: (n) => q(rare(n).slice(0, 7)) },
    { name: 'word that nobody wrote', path: (n) => q(`zz${n}xyzzy`) },
    { name: 'a job by its number', path: (n) => q(String(1_000_000 + some(n))) },
    { name: 'numbers that begin so', path: (n) => q(String(1_000_000 + some(n)).slice(0, 5)) },
    { name: 'two words, common', path: (n) => q(`${common(n)} ${common(n + 3)}`) },
    { name: 'two words, one rare', path: (n) => q(`${common(n)} ${rare(n)}`) },
    { name: 'three words', path: (n) => q(`sled ${common(n).slice(0, 4)} ${rare(n).slice(0, 6)}`) },
    { name: 'three words, common', path: (n) => q(`door ${common(n)} ${common(n + 7)}`) },
    { name: 'two that exclude each other', path: () => q('simulation ingest') },
    { name: 'a project of long ago', path: (n) => q(`project:${projects[(n * 7) % 100]}`) },
    { name: 'a project and a word', path: (n) => q(`project:${at(projects, n)} ${common(n)}`) },
    { name: 'user and status', path: (n) => q(`user:${at(users, n)} status:failed`) },
    { name: 'status alone', path: () => q('status:canceled') },
    { name: 'what is active', path: () => q('is:active') },
    { name: 'tag', path: (n) => q(`tag:${common(n)}`) },
    {
      name: 'open verdicts of a user',

      path: (n) => q(`analysis:open assessment:none user:${at(users, n)}`),
    },
    { name: 'phrase', path: (n) => q(`"${common(n)} ${common(n + 1)}"`) },
    { name: 'part of a name', path: (n) => q(`name:${rare(n).slice(2, 8)}`) },
    { name: 'part of a path', path: (n) => q(`path:/run_${n % 1_000}`) },
    { name: 'word, far down', path: (n) => q(common(n), { cursor: cursor(some(n)) }) },
    {
      name: 'a month long ago',
      aim: 1_000,
      path: (n) => q(`after:2025-0${1 + (n % 8)}-01 before:2025-0${2 + (n % 8)}-01`),
    },
    { name: 'by name', aim: 1_000, path: () => list({ sort: 'name' }) },
    { name: 'by last end', aim: 1_000, path: () => list({ sort: '-endedAt' }) },
    { name: 'by last change', aim: 1_000, path: () => list({ sort: '-updatedAt' }) },
    { name: 'by duration', aim: 1_000, path: () => list({ sort: '-duration' }) },
    { name: 'by user', aim: 1_000, path: () => list({ sort: 'user' }) },
    { name: 'rare word by name', aim: 1_000, path: (n) => q(rare(n), { sort: 'name' }) },
    { name: 'common word by last end', aim: 1_000, path: (n) => q(common(n), { sort: '-endedAt' }) },
    { name: 'common word by duration', aim: 1_000, path: (n) => q(common(n), { sort: '-duration' }) },
    { name: 'counted, up to 10,000', aim: 1_500, path: (n) => q(common(n), { total: 'true' }) },
    {
      name: 'facets, first',
      aim: 1_500,
      path: (n) => `/api/v1/jobs/facets?${new URLSearchParams({ q: `${common(n)} -zz${n}` })}`,
    },
  ];
}
