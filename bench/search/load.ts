import { randomUUID } from 'node:crypto';
import { JobWords } from '../../packages/server/src/jobs/words.ts';
import type { BulkWrite, Store, Value } from '../../packages/server/src/storage/index.ts';
import { type MadeJob, madeJob } from './diary.ts';
import { indexedAfterwards } from './indexes.ts';

const writeJobs: BulkWrite = {
  name: `bench_jobs_${randomUUID().slice(0, 8)}`,
  table: 'jobs',
  mode: 'insert',
  columns: {
    id: 'int',
    external_id: 'text',
    source: 'text',
    external_at: 'int',
    provider_id: 'int',
    execution: 'text',
    kind: 'text',
    name: 'text',
    open_steps: 'int',
    status: 'text',
    progress: 'real',
    stalled: 'int',
    project: 'text',
    user_name: 'text',
    attempt: 'int',
    max_attempts: 'int',
    priority: 'int',
    solver: 'text',
    submit_directory: 'text',
    analysis_status: 'text',
    assessment: 'text',
    version: 'int',
    submitted_at: 'int',
    started_at: 'int',
    ended_at: 'int',
    created_at: 'int',
    updated_at: 'int',
    seen_at: 'int',
  },
};
const writeNotes: BulkWrite = {
  name: 'bench_notes',
  table: 'annotations',
  mode: 'insert',
  columns: { job_id: 'int', info: 'text', summary: 'text' },
};
const writeTags: BulkWrite = {
  name: 'bench_tags',
  table: 'job_tags',
  mode: 'insert',
  columns: { job_id: 'int', tag: 'text' },
};

/** Jobs of one transaction. */
const CHUNK = 5_000;

/** Seconds that it took to write a diary: its jobs, their words, the indexes of both. */
export interface Spent {
  readonly jobs: number;
  readonly words: number;
  readonly indexes: number;
}

export async function loadJobs(store: Store, count: number): Promise<Spent> {
  const spent = { jobs: 0, words: 0 };
  const indexes = await indexedAfterwards(store, () => loadRows(store, count, spent));
  return { ...spent, indexes };
}

async function loadRows(store: Store, count: number, spent: { jobs: number; words: number }): Promise<void> {
  const timed = async (part: keyof typeof spent, work: () => Promise<unknown>) => {
    const begin = performance.now();
    await work();
    spent[part] += (performance.now() - begin) / 1_000;
  };
  const words = new JobWords('UTC');
  for (let from = 1; from <= count; from += CHUNK) {
    const made = Array.from({ length: Math.min(CHUNK, count - from + 1) }, (_, i) =>
      madeJob(from + i, count),
    );
    await timed('jobs', () =>
      store.write(async (transaction) => {
        await transaction.write(writeJobs, made.map(jobValues));
        await transaction.write(
          writeNotes,
          made
            .filter(({ info, summary }) => info || summary)
            .map(({ id, info, summary }) => [id, info ?? '', summary ?? '']),
        );
        await transaction.write(
          writeTags,
          made.flatMap(({ id, tags }) => (tags ?? []).map((tag): Value[] => [id, tag])),
        );
      }),
    );
    await timed('words', () => store.write((transaction) => words.write(transaction, made)));
  }
}

/** In the order of `writeJobs`. */
function jobValues(job: MadeJob): Value[] {
  const { submittedAt, startedAt, endedAt } = job;
  return [
    job.id,
    job.externalId ?? null,
    job.source ?? '',
    submittedAt,
    1,
    'watched',
    job.kind ?? '',
    job.name ?? '',
    0,
    job.status,
    job.progress,
    0,
    job.project ?? null,
    job.user ?? null,
    1,
    1,
    0,
    job.solver ?? null,
    job.submitDirectory ?? null,
    job.analysisStatus ?? 'open',
    job.assessment ?? null,
    1,
    submittedAt,
    startedAt,
    endedAt,
    submittedAt,
    endedAt ?? submittedAt,
    submittedAt,
  ];
}
