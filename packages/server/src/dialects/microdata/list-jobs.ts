import type { Scope } from '@daybook/core';
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import { visibleJobs } from '../../jobs/visible-jobs.ts';
import type { Database, Store } from '../../storage/index.ts';
import { readWireJobs, type WireJob } from './wire-jobs.ts';
import { isStage, nativeStatuses, stages, type WireStatus } from './words.ts';

/** What `GET /jobs` may be narrowed to. */
export interface JobsWanted {
  readonly statuses?: readonly WireStatus[] | undefined;
  readonly operations?: readonly string[] | undefined;
  readonly ignoreCompleted: boolean;
}

/** Jobs that are read and written at once: bounds memory, and how long the event loop is held. */
const AT_ONCE = 250;

/**
 * A job that this surface can say: it has a target and a configured operation (contracts/microdata.md), and is not one
 * for workers of the queue: here nobody has a lease (contracts/README.md).
 */
export function expressible(operations: readonly string[]) {
  return (eb: ExpressionBuilder<Database, 'jobs'>): Expression<SqlBool> =>
    // Not `IS NOT NULL`: a range lets both engines find the few jobs with a target among a million without one.
    eb.and([
      eb('jobs.target', '>', ''),
      eb('jobs.operation', 'in', operations.length > 0 ? operations : ['']),
      eb('jobs.execution', '!=', 'claimed'),
    ]);
}

/** The jobs of a list, in ascending order, a handful at a time. The first is read when it is asked for. */
export async function* jobsInParts(
  store: Store,
  scope: Scope,
  operations: readonly string[],
  wanted: JobsWanted,
): AsyncGenerator<WireJob[], void> {
  // Executors poll for what is active: few jobs, found by an index, that must not wait behind somebody's search.
  const db = onlyActive(wanted) ? store.read : store.people;
  const ids = await idsOf(db, scope, operations, wanted);
  for (let from = 0; from < ids.length; from += AT_ONCE)
    yield await readWireJobs(db, scope, ids.slice(from, from + AT_ONCE));
}

function onlyActive({ statuses, ignoreCompleted }: JobsWanted): boolean {
  return ignoreCompleted || (statuses?.every((each) => each !== 'completed' && each !== 'failed') ?? false);
}

/** Sorted here: to read in the order of ids, SQLite would look at every job that there is. */
async function idsOf(
  db: Kysely<Database>,
  scope: Scope,
  operations: readonly string[],
  { statuses, operations: some, ignoreCompleted }: JobsWanted,
): Promise<number[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('jobs.id')
    .where(visibleJobs(scope))
    .where(expressible(some ?? operations))
    .$if(statuses !== undefined, (query) =>
      query.where((eb) => eb.or((statuses ?? []).map((each) => onWire(each)(eb)))),
    )
    .$if(ignoreCompleted, (query) => query.where('jobs.status', 'in', ['queued', 'running', 'unknown']))
    .execute();
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

/** `statusOnWire` as SQL. */
function onWire(status: WireStatus) {
  return (eb: ExpressionBuilder<Database, 'jobs'>): Expression<SqlBool> => {
    const native = eb('jobs.status', 'in', nativeStatuses(status));
    if (!isStage(status)) return native;
    if (status !== 'initiated') return eb.and([native, eb('jobs.step', '=', status)]);
    const others = stages.filter((stage) => stage !== 'initiated');
    return eb.and([native, eb.or([eb('jobs.step', 'is', null), eb('jobs.step', 'not in', others)])]);
  };
}

/** One job; undefined if there is none that the scope sees and this surface can say. */
export async function findWireJob(
  db: Kysely<Database>,
  scope: Scope,
  operations: readonly string[],
  id: number,
): Promise<WireJob | undefined> {
  const row = await db
    .selectFrom('jobs')
    .select('jobs.id')
    .where('jobs.id', '=', id)
    .where(visibleJobs(scope))
    .where(expressible(operations))
    .executeTakeFirst();
  return row === undefined ? undefined : (await readWireJobs(db, scope, [row.id]))[0];
}
