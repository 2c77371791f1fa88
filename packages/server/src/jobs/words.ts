import { type SearchSource, searchDocument } from '@daybook/core';
import type { BulkWrite, Transaction, Value } from '../storage/index.ts';

/** The indexes of words follow this table by themselves (migration 10). */
const writeWords: BulkWrite = {
  name: 'write_words',
  table: 'job_words',
  mode: 'upsert',
  key: ['job_id'],
  columns: { job_id: 'int', words: 'text', prose: 'text', name: 'text', path: 'text' },
};

/** A job whose words are written. */
export interface Worded extends SearchSource {
  readonly id: number;
}

/**
 * What jobs are found by, written in the transaction that creates or changes them: whoever is told that a job is saved
 * finds it. `timeZone`: the diary's, in which the submission date is a day.
 */
export class JobWords {
  readonly timeZone: string;

  constructor(timeZone: string) {
    this.timeZone = timeZone;
  }

  /** Writes the words of jobs that the caller knows whole. */
  async write(transaction: Transaction, jobs: readonly Worded[]): Promise<void> {
    const rows = jobs.map((job): Value[] => {
      const { words, prose, name, path } = searchDocument(job, { timeZone: this.timeZone });
      return [job.id, words, prose, name, path];
    });
    await transaction.write(writeWords, rows);
  }

  /** Reads jobs again, and writes their words: after a person or a source has changed some of them. */
  async rewrite(transaction: Transaction, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.write(transaction, await readWorded(transaction, ids));
  }
}

async function readWorded({ db }: Transaction, ids: readonly number[]): Promise<Worded[]> {
  // One after the other: inside a transaction there is one connection.
  const tags = await db
    .selectFrom('job_tags')
    .selectAll()
    .where('job_id', 'in', ids)
    .orderBy('tag')
    .execute();
  const tagsOf = Map.groupBy(tags, (row) => row.job_id);
  const rows = await db
    .selectFrom('jobs')
    .leftJoin('annotations', 'annotations.job_id', 'jobs.id')
    .select([
      'jobs.id',
      'external_id',
      'jobs.name',
      'user_name',
      'project',
      'kind',
      'solver',
      'configuration_tag',
      'target',
      'operation',
      'source',
      'submitted_at',
      'submit_directory',
      'job_directory',
      'analysis_status',
      'assessment',
      'provider_id',
      'customer',
      'info',
      'summary',
    ])
    .where('jobs.id', 'in', ids)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    externalId: row.external_id,
    name: row.name,
    user: row.user_name,
    project: row.project,
    kind: row.kind,
    solver: row.solver,
    configuration: row.configuration_tag === null ? null : { tag: row.configuration_tag },
    target: row.target,
    operation: row.operation,
    source: row.source,
    submittedAt: row.submitted_at,
    submitDirectory: row.submit_directory,
    jobDirectory: row.job_directory,
    analysisStatus: row.analysis_status as Worded['analysisStatus'],
    assessment: row.assessment as Worded['assessment'],
    providerId: row.provider_id,
    customer: row.customer,
    info: row.info,
    summary: row.summary,
    tags: (tagsOf.get(row.id) ?? []).map(({ tag }) => tag),
  }));
}
