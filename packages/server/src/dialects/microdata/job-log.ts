import type { JobStatus } from '@daybook/core';
import { type Kysely, sql } from 'kysely';
import { parsed } from '../../jobs/job-rows.ts';
import type { Database } from '../../storage/index.ts';
import { isStage, statusOnWire, wireTime } from './words.ts';

/** A line of a job's log on the wire. */
export interface LogEntry {
  readonly at: string;
  readonly message: string;
}

/** Lines of one job that are shown: what a job printed has no end, and this list has no pages. */
const LINES_PER_JOB = 1_000;

interface Line {
  readonly id: number;
  readonly job_id: number;
  readonly at: number;
  readonly message: string;
}

/**
 * What happened to jobs, as their clients read it: a line per status, description and text, in the order in which we heard
 * of them. `makers`: the label of who made each.
 */
export async function readLogs(
  db: Kysely<Database>,
  ids: readonly number[],
): Promise<{ logs: Map<number, LogEntry[]>; makers: Map<number, string> }> {
  const facts = await factsOf(db, ids);
  const lines = facts.flatMap((fact) => sentencesOf(fact).map((message): Line => ({ ...fact, message })));
  const all = [...lines, ...(await printedOf(db, ids))].sort((a, b) => a.id - b.id);
  const logs = new Map<number, LogEntry[]>();
  for (const { job_id, at, message } of all) {
    const log = logs.get(job_id) ?? [];
    log.push({ at: wireTime(at), message });
    logs.set(job_id, log);
  }
  const makers = new Map<number, string>();
  for (const { kind, job_id, actor } of facts)
    if (kind === 'created' && actor !== null) makers.set(job_id, actor);
  return { logs, makers };
}

type Fact = Awaited<ReturnType<typeof factsOf>>[number];

function factsOf(db: Kysely<Database>, ids: readonly number[]) {
  return db
    .selectFrom('events')
    .select(['id', 'job_id', 'kind', 'step', 'status', 'message', 'metadata', 'actor', 'at'])
    .where('job_id', 'in', ids)
    .where('kind', 'in', ['created', 'status', 'step', 'error', 'metadata'])
    .where((eb) => eb.or([eb('unapplied', 'is', null), eb('unapplied', '=', 'unknown_step')]))
    .where((eb) => eb.or([eb('kind', '!=', 'step'), eb('status', '=', 'running')]))
    .execute();
}

/** The last lines of each job. */
async function printedOf(db: Kysely<Database>, ids: readonly number[]): Promise<Line[]> {
  const { rows } = await sql<Line>`
    SELECT line.id, line.job_id, line.at, line.message FROM jobs
    JOIN log_lines AS line ON line.job_id = jobs.id AND line.id >= COALESCE((
      SELECT other.id FROM log_lines AS other WHERE other.job_id = jobs.id
      ORDER BY other.id DESC LIMIT 1 OFFSET ${LINES_PER_JOB - 1}), 0)
    WHERE jobs.id IN (${sql.join(ids)})`.execute(db);
  return rows;
}

function sentencesOf({ kind, status, step, message, metadata }: Fact): string[] {
  switch (kind) {
    case 'created':
      return ['Job generated and queued', ...(status === 'queued' ? [] : [statusSentence(status)])];
    case 'status':
      // That it runs is said by its stage.
      return status === 'running' ? [] : [statusSentence(status)];
    case 'step':
      return isStage(step) ? [`Set status: ${step}`] : [];
    case 'error':
      return [...(status === null ? [] : [statusSentence(status)]), ...(message === null ? [] : [message])];
    case 'metadata':
      return parsed(metadata)?.['description'] === undefined ? [] : ['Added update description'];
    default:
      return [];
  }
}

function statusSentence(status: string | null): string {
  return `Set status: ${statusOnWire(status as JobStatus, null)}`;
}
