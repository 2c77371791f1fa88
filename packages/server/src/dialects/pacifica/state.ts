import { DaybookError, type Scope } from '@daybook/core';
import type { Selectable } from 'kysely';
import { INGEST_SOURCE } from '../../ingest/intake.ts';
import { ingestRecipe, moveRecipe } from '../../ingest/recipes.ts';
import { visibleJobs } from '../../jobs/visible-jobs.ts';
import type { JobsTable, StepsTable, Store } from '../../storage/index.ts';

/** The state of an ingest as its clients know it (contracts/pacifica.md). */
export interface WireState {
  readonly job_id: number;
  readonly state: 'OK' | 'FAILED';
  readonly task: string;
  readonly task_percent: string;
  readonly complete: boolean;
  readonly updated: string;
  readonly created: string;
  readonly exception: string;
}

const columns = [
  'id',
  'external_id',
  'status',
  'step',
  'attempt',
  'error',
  'created_at',
  'updated_at',
] as const;
type Row = Pick<Selectable<JobsTable>, (typeof columns)[number]>;

/** The ingest that has this number: of the old unique-id service if it gave it, else of our own. Throws `not_found`. */
export async function findState(db: Store['read'], scope: Scope, number: number): Promise<WireState> {
  const rows = await db
    .selectFrom('jobs')
    .select(columns)
    .where((eb) =>
      eb.or([
        eb.and([eb('external_id', '=', String(number)), eb('source', '=', INGEST_SOURCE)]),
        eb.and([eb('id', '=', number), eb('external_id', 'is', null)]),
      ]),
    )
    .where('configuration_tag', 'in', [ingestRecipe.tag, moveRecipe.tag])
    .where(visibleJobs(scope))
    .orderBy('id')
    .limit(2)
    .execute();
  const row = rows.find(({ external_id }) => external_id !== null) ?? rows[0];
  if (row === undefined) throw new DaybookError('not_found', `There is no job ${number}.`);
  return stateOf(row, await stepOf(db, row));
}

type StepRow = Pick<Selectable<StepsTable>, 'status' | 'percent'>;

async function stepOf(db: Store['read'], { id, step }: Row): Promise<StepRow | undefined> {
  return db
    .selectFrom('steps')
    .select(['status', 'percent'])
    .where('job_id', '=', id)
    .where('tag', '=', step ?? 'UPLOADING')
    .executeTakeFirst();
}

function stateOf(row: Row, step: StepRow | undefined): WireState {
  const failed = ['failed', 'canceled', 'other'].includes(row.status);
  const succeeded = row.status === 'succeeded';
  const task = succeeded ? 'ingest metadata' : (row.step ?? 'UPLOADING');
  // A worker has only just taken it: it takes nothing that has not come whole.
  const claimed = row.step === null && row.attempt > 0;
  const percent = succeeded || claimed || step?.status === 'succeeded' ? 100 : (step?.percent ?? 0);
  return {
    job_id: Number(row.external_id ?? row.id),
    state: failed ? 'FAILED' : 'OK',
    task,
    task_percent: pythonFloat(percent),
    complete: failed || succeeded,
    updated: wireTime(row.updated_at),
    created: wireTime(row.created_at),
    exception: failed ? (row.error ?? `The job was ${row.status}.`) : '',
  };
}

/** A number as the old service wrote it: always with a point. */
function pythonFloat(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded);
}

/** UTC, to the second, without a zone. */
function wireTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
