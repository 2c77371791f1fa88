import type { ComparisonRow, Difference } from './comparison-schemas.ts';
import { type ComparisonGroup, comparisonGroups } from './comparison-words.ts';
import type { Job } from './job.ts';

/*
 * What differs between jobs: side by side for a comparison of several, and from one to the next for the edges of a
 * lineage. Both speak of the same fields.
 */

/** What is compared of a job; a {@link Job} has it all. */
export type ComparedJob = Pick<
  Job,
  | 'name'
  | 'kind'
  | 'status'
  | 'configuration'
  | 'solver'
  | 'project'
  | 'user'
  | 'target'
  | 'operation'
  | 'submitDirectory'
  | 'tags'
  | 'analysisStatus'
  | 'assessment'
  | 'summary'
  | 'info'
  | 'parameters'
>;

const jobFields = [
  'name',
  'status',
  'kind',
  'configuration',
  'solver',
  'project',
  'user',
  'target',
  'operation',
  'submitDirectory',
  'tags',
] as const;
const verdictFields = ['analysisStatus', 'assessment', 'summary', 'info'] as const;

/** Every field of every job, side by side, in the order of the jobs. */
export function compareJobs(jobs: readonly Job[]): ComparisonRow[] {
  const perJob = jobs.map(cellsOf);
  const rows = new Map<string, ComparisonRow>();
  for (const [i, cells] of perJob.entries())
    for (const { group, name, value } of cells) {
      const key = `${group} ${name}`;
      let row = rows.get(key);
      if (row === undefined) {
        row = { group, name, values: jobs.map(() => null), differs: false };
        rows.set(key, row);
      }
      row.values[i] = value;
    }
  const inOrder = [...rows.values()].sort(
    (a, b) => comparisonGroups.indexOf(a.group) - comparisonGroups.indexOf(b.group),
  );
  return inOrder.map((row) => ({ ...row, differs: differ(row) }));
}

interface Cell {
  readonly group: ComparisonGroup;
  readonly name: string;
  readonly value: unknown;
}

function cellsOf(job: Job): Cell[] {
  const submitted = Date.parse(job.submittedAt);
  const started = momentOf(job.startedAt);
  return [
    ...jobFields.map((name): Cell => ({ group: 'job', name, value: fieldOf(job, name) })),
    ...verdictFields.map((name): Cell => ({ group: 'verdict', name, value: job[name] })),
    { group: 'times', name: 'waited', value: secondsBetween(submitted, started) },
    { group: 'times', name: 'ran', value: secondsBetween(started, momentOf(job.endedAt)) },
    ...job.steps.map((step): Cell => {
      const seconds = secondsBetween(momentOf(step.startedAt), momentOf(step.endedAt));
      return { group: 'steps', name: step.name, value: seconds };
    }),
    ...(['parameters', 'context', 'metadata'] as const).flatMap((group) =>
      leaves(job[group]).map(([name, value]): Cell => ({ group, name, value })),
    ),
  ];
}

function fieldOf(job: ComparedJob, name: (typeof jobFields)[number]): unknown {
  if (name === 'configuration')
    return job.configuration && `${job.configuration.tag} ${job.configuration.version}`;
  return name === 'tags' ? job.tags.toSorted().join(' ') : job[name];
}

/** Two runs never take the same time to the millisecond: what differs by less than a tenth is the same. */
const ALIKE = 0.1;

function differ({ group, values }: ComparisonRow): boolean {
  if (group !== 'times' && group !== 'steps') return new Set(values.map(textOf)).size > 1;
  const seconds = values.filter((value) => typeof value === 'number');
  if (seconds.length < values.length && seconds.length > 0) return true;
  return Math.max(0, ...seconds) > Math.max(1, Math.min(...seconds)) * (1 + ALIKE);
}

/**
 * What a job changed against its base run, and what came of it: name, recipe, parameters, README text (which is kept as
 * info) and verdict. Where and when it ran, and by whom, is of no interest here.
 */
export function differencesFrom(base: ComparedJob, job: ComparedJob): Difference[] {
  const found: Difference[] = [];
  const note = (group: ComparisonGroup, name: string, from: unknown, to: unknown) => {
    if (textOf(from) !== textOf(to)) found.push({ group, name, from, to });
  };
  note('job', 'name', base.name, job.name);
  const [was, is] = [new Map(leaves(base.parameters)), new Map(leaves(job.parameters))];
  for (const name of new Set([...was.keys(), ...is.keys()]))
    note('parameters', name, was.get(name) ?? null, is.get(name) ?? null);
  for (const name of ['solver', 'configuration', 'status'] as const)
    note('job', name, fieldOf(base, name), fieldOf(job, name));
  for (const name of verdictFields) note('verdict', name, base[name], job[name]);
  return found;
}

/** Lists that are longer are one value: a thousand rows of a table of numbers say nothing side by side. */
const LONG_LIST = 20;

/** The values within JSON by their paths, `mesh.size` and `layers[2]`. */
export function leaves(value: unknown, path = ''): [path: string, value: unknown][] {
  if (Array.isArray(value) && value.length > 0 && value.length <= LONG_LIST)
    return value.flatMap((each, i) => leaves(each, `${path}[${i}]`));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.length > 0)
      return entries.flatMap(([key, each]) => leaves(each, path === '' ? key : `${path}.${key}`));
  }
  return path === '' ? [] : [[path, value]];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : JSON.stringify(value ?? null);
}

function momentOf(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}

function secondsBetween(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, (to - from) / 1_000);
}
