import { activeStatuses, endedStatuses, type JobStatus } from '@daybook/core';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database, EngineProfile } from '../storage/index.ts';
import { conditionOf, demandsOf, type JobSet } from './index-question.ts';

/** So few jobs are looked at one by one, without asking any index of words. */
const FEW = 2_000;

/** What is asked of a list, if ordinary indexes find the few jobs that may be in it; undefined otherwise. */
export async function narrowJobs(
  db: Kysely<Database>,
  { name }: EngineProfile,
  set: JobSet,
): Promise<RawBuilder<SqlBool> | undefined> {
  const condition = conditionOf(set);
  if (namesItsJobs(set)) return condition;
  const statuses = statusesOf(set);
  if (statuses === undefined || statuses.length === 0) return undefined;
  const some = sql`SELECT known.id FROM jobs AS known WHERE known.status IN (${sql.join([...statuses])})`;
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM (${some} LIMIT ${FEW + 1}) AS counted`.execute(db);
  if (Number(rows[0]?.count ?? 0) > FEW) return undefined;
  // Their ids first, because the planners would rather walk through all jobs in their order.
  const among = name === 'sqlite' ? sql`jobs.id IN (${some})` : sql`jobs.id = ANY (ARRAY(${some}))`;
  return sql`${among} AND ${condition}`;
}

/** True if the list is of some days: from one moment on until another. */
export function isOfSomeDays({ filter: { q, submittedAfter, submittedBefore } }: JobSet): boolean {
  const asked = new Set(demandsOf(q).flatMap((node) => (node.kind === 'moment' ? [node.field] : [])));
  return (
    (submittedAfter !== undefined || asked.has('after')) &&
    (submittedBefore !== undefined || asked.has('before'))
  );
}

/** True if the list names its jobs: by their numbers, their parent, their base run. */
function namesItsJobs({ filter: { q, parentId } }: JobSet): boolean {
  return parentId !== undefined || demandsOf(q).some(({ kind }) => kind === 'ids' || kind === 'base');
}

/** The statuses that all jobs of a list have one of; undefined if it asks for none. */
function statusesOf({ filter: { q, status } }: JobSet): readonly JobStatus[] | undefined {
  if (status !== undefined) return status;
  for (const node of demandsOf(q)) {
    if (node.kind === 'status') return node.values;
    if (node.kind !== 'flag') continue;
    if (node.flag === 'active') return activeStatuses;
    if (node.flag === 'ended') return endedStatuses;
    if (node.flag === 'scheduled') return ['queued'];
  }
  return undefined;
}
