import type { JobStatus, Scope } from '@daybook/core';
import type { Kysely } from 'kysely';
import { parsed } from '../../jobs/job-rows.ts';
import { visibleJobs } from '../../jobs/visible-jobs.ts';
import type { Database } from '../../storage/index.ts';
import { type Creator, creatorIn, namesOf, nobodyKnown } from './creator.ts';
import { type LogEntry, readLogs } from './job-log.ts';
import { knownParameters, type NewJob } from './job-parameters.ts';
import { statusOnWire, type WireStatus, wireTime } from './words.ts';

/** A job as this surface writes it. */
export interface WireJob {
  readonly jobId: string;
  readonly status: WireStatus;
  readonly parameters: { readonly operation: string; readonly target: string } & NewJob['rest'];
  readonly log: readonly LogEntry[];
  readonly createdAt: string;
  readonly createdBy: Creator;
}

/** What is needed of a job's own row. */
const columns = ['id', 'status', 'step', 'target', 'operation', 'created_at'] as const;

/** The jobs among these ids that the scope sees, in ascending order. All of a kind in one query. */
export async function readWireJobs(
  db: Kysely<Database>,
  scope: Scope,
  wanted: readonly number[],
): Promise<WireJob[]> {
  if (wanted.length === 0) return [];
  const rows = await db
    .selectFrom('jobs')
    .select(columns)
    .where('jobs.id', 'in', wanted)
    .where(visibleJobs(scope))
    .orderBy('jobs.id')
    .execute();
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  const documents = await db.selectFrom('documents').selectAll().where('job_id', 'in', ids).execute();
  const documentOf = new Map(documents.map((row) => [row.job_id, row]));
  const { logs, makers } = await readLogs(db, ids);
  const users = await creatorsLabelled(db, makers.values());
  return rows.map((row) => {
    const document = documentOf.get(row.id);
    const rest = knownParameters(parsed(document?.parameters ?? null));
    // Said after the job was made, so it is kept with the metadata: see update-job.ts.
    const later = parsed(document?.metadata ?? null)?.['description'];
    return {
      jobId: String(row.id),
      status: statusOnWire(row.status as JobStatus, row.step),
      parameters: {
        operation: row.operation as string,
        target: row.target as string,
        ...rest,
        ...(typeof later === 'string' && { description: later }),
      },
      log: logs.get(row.id) ?? [],
      createdAt: wireTime(row.created_at),
      createdBy:
        creatorIn(parsed(document?.context ?? null)) ?? users.get(makers.get(row.id) ?? '') ?? nobodyKnown,
    };
  });
}

/** Labels of who made jobs (`user:doea`, `key:ci`) → creators. */
export async function creatorsLabelled(
  db: Kysely<Database>,
  makers: Iterable<string>,
): Promise<Map<string, Creator>> {
  const labels = new Set(makers);
  const names = [...labels].flatMap((each) => (each.startsWith('user:') ? each.slice(5) : []));
  const found = new Map<string, Creator>();
  for (const each of labels) found.set(each, { userId: each, ...namesOf(each.replace(/^\w+:/, '')) });
  if (names.length === 0) return found;
  const rows = await db
    .selectFrom('users')
    .select(['id', 'name', 'display_name'])
    .where('name', 'in', names)
    .execute();
  for (const { id, name, display_name } of rows)
    found.set(`user:${name}`, { userId: String(id), ...namesOf(display_name) });
  return found;
}
