import {
  applyEvent,
  blankJob,
  DaybookError,
  type Fact,
  isEnded,
  type JobCreate,
  type JobState,
  type JobStatus,
  pendingStep,
  sees,
} from '@daybook/core';
import type { Insertable } from 'kysely';
import type { Actor } from '../actor.ts';
import type { JobsTable, Transaction, Value } from '../storage/index.ts';
import { addBaseRuns, linkBaseRuns } from './base-runs.ts';
import { insertEvents, writeSteps } from './hot-statements.ts';
import { jsonOrNull, stepValues } from './job-states.ts';
import { type FindRecipe, findReferences, holdParents, type Recipe } from './references.ts';
import { holdTarget, noteTarget } from './targets.ts';
import type { JobWords, Worded } from './words.ts';

export interface Created {
  /** The ids, one per job asked for, in order. */
  readonly ids: number[];
  /** True for those that existed already (the same external id, source and submittedAt of the same provider). */
  readonly existed: boolean[];
}

interface Draft {
  readonly input: JobCreate;
  readonly recipe: Recipe | undefined;
  readonly state: JobState;
  readonly created: Fact;
  readonly row: Insertable<JobsTable>;
}

/**
 * Makes jobs, all or none: rows, steps and the first fact of each. A job whose external id is known already is not
 * made again. Throws `invalid_request` with every fault, `target_busy`.
 */
export async function createJobs(
  transaction: Transaction,
  actor: Actor,
  inputs: readonly JobCreate[],
  { findRecipe, many, words, now }: { findRecipe: FindRecipe; many: boolean; words: JobWords; now: number },
): Promise<Created> {
  const path = (i: number, field: string) => (many ? `jobs[${i}].${field}` : field);
  const recipes = await findReferences(transaction, actor, inputs, findRecipe, path);
  const drafts = inputs.map((input, i) => draftOf(actor, input, recipes[i], now));
  const known = await knownIds(transaction, actor, drafts);
  const existed = drafts.map((draft) => known.has(externalKey(draft.row)));
  const fresh = freshOnes(drafts, known);
  await holdParents(transaction, childrenAmong(drafts, new Set(fresh), path));
  const ids = await insertRows(transaction, fresh);
  fresh.forEach((draft, i) => {
    if (draft.row.external_id !== null) known.set(externalKey(draft.row), ids[i] as number);
  });
  await insertParts(transaction, actor, fresh, ids, now);
  await words.write(
    transaction,
    fresh.map((draft, i) => worded(ids[i] as number, draft)),
  );
  const idOf = new Map(fresh.map((draft, i) => [draft, ids[i] as number]));
  return {
    ids: drafts.map((draft) => idOf.get(draft) ?? (known.get(externalKey(draft.row)) as number)),
    existed,
  };
}

function draftOf(actor: Actor, input: JobCreate, recipe: Recipe | undefined, now: number): Draft {
  const execution = input.execution ?? 'reported';
  const openSteps = recipe === undefined && input.steps === undefined;
  const given = recipe?.steps ?? input.steps ?? [];
  const steps = given.map((step) => pendingStep(step.tag, step.name ?? step.tag, step.points ?? 1));
  const claimed = execution === 'claimed';
  const state = blankJob({ attempt: claimed ? 0 : 1, claimed, openSteps, steps });
  const submittedAt = heard(input.submittedAt, now) ?? now;
  const created: Fact = {
    kind: 'created',
    step: null,
    status: input.status ?? 'queued',
    percent: null,
    message: null,
    metadata: momentsOf(heard(input.startedAt, now), heard(input.endedAt, now)),
    cause: null,
    at: submittedAt,
  };
  applyEvent(state, created);
  return {
    input,
    recipe,
    state,
    created,
    row: rowOf(actor, input, recipe, state, { execution, submittedAt, now }),
  };
}

/** A clock that is ahead must not put a job into the future; the moment as it was sent stays part of the external key. */
function heard(at: number | undefined, now: number): number | undefined {
  return at === undefined || at <= now ? at : now;
}

function momentsOf(
  startedAt: number | undefined,
  endedAt: number | undefined,
): Record<string, unknown> | null {
  if (startedAt === undefined && endedAt === undefined) return null;
  return { ...(startedAt !== undefined && { startedAt }), ...(endedAt !== undefined && { endedAt }) };
}

function rowOf(
  actor: Actor,
  input: JobCreate,
  recipe: Recipe | undefined,
  state: JobState,
  { execution, submittedAt, now }: { execution: string; submittedAt: number; now: number },
): Insertable<JobsTable> {
  return {
    external_id: input.externalId ?? null,
    source: input.source ?? actor.providerName ?? actor.name,
    external_at: input.submittedAt ?? 0,
    provider_id: actor.providerId,
    execution,
    kind: input.kind ?? 'script',
    name: input.name ?? recipe?.name ?? '',
    configuration_id: recipe?.id ?? null,
    configuration_tag: recipe?.tag ?? null,
    configuration_version: recipe?.version ?? null,
    open_steps: state.openSteps ? 1 : 0,
    status: state.status,
    step: null,
    progress: state.progress,
    percent: null,
    error: null,
    stalled: 0,
    target: input.target ?? null,
    operation: input.operation ?? null,
    project: input.project ?? null,
    user_name: input.user ?? null,
    customer: input.customer ?? null,
    parent_id: input.parentId ?? null,
    ends_with_children: input.endsWithChildren ? 1 : 0,
    max_failed_children: input.maxFailedChildren ?? 0,
    attempt: state.attempt,
    max_attempts: input.maxAttempts ?? 1,
    priority: input.priority ?? 0,
    run_after: input.runAfter ?? null,
    solver: input.solver ?? null,
    submit_directory: input.submitDirectory ?? null,
    job_directory: input.jobDirectory ?? null,
    log_file: input.logFile ?? null,
    readme_file: input.readmeFile ?? null,
    analysis_status: input.analysisStatus ?? 'open',
    assessment: input.assessment ?? null,
    version: 1,
    submitted_at: submittedAt,
    started_at: state.startedAt,
    ended_at: state.endedAt,
    estimated_end_at: null,
    created_at: now,
    updated_at: now,
    seen_at: now,
  };
}

function externalKey(
  row: Pick<Insertable<JobsTable>, 'provider_id' | 'source' | 'external_id' | 'external_at'>,
): string {
  return row.external_id === null
    ? ''
    : JSON.stringify([row.provider_id, row.source, row.external_id, row.external_at]);
}

/**
 * Jobs that exist already, by their external key. Throws `already_exists` for one that the actor may not see: people
 * are all of provider 0, so it may be somebody else's.
 */
async function knownIds(
  { db }: Transaction,
  { scope }: Actor,
  drafts: readonly Draft[],
): Promise<Map<string, number>> {
  const keys = new Set(drafts.map(({ row }) => externalKey(row)));
  const wanted = new Set(
    drafts.flatMap(({ row }) => (row.external_id === null ? [] : [row.external_id as string])),
  );
  if (wanted.size === 0) return new Map();
  const rows = await db
    .selectFrom('jobs')
    .select(['id', 'provider_id', 'source', 'external_id', 'external_at', 'project', 'customer'])
    .where('external_id', 'in', [...wanted])
    .execute();
  const known = new Map<string, number>();
  for (const row of rows) {
    const key = externalKey(row);
    if (!keys.has(key)) continue;
    if (!sees(scope, { providerId: row.provider_id, project: row.project, customer: row.customer }))
      throw new DaybookError(
        'already_exists',
        `There is a job ${row.external_id} of ${row.source} that you may not see. Nothing was stored.`,
      );
    known.set(key, row.id);
  }
  return known;
}

/** What is left to make: neither known nor asked for twice in the same request. */
function freshOnes(drafts: readonly Draft[], known: ReadonlyMap<string, number>): Draft[] {
  const seen = new Set(known.keys());
  return drafts.filter((draft) => {
    const key = externalKey(draft.row);
    if (key === '') return true;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function childrenAmong(
  drafts: readonly Draft[],
  fresh: ReadonlySet<Draft>,
  path: (input: number, field: string) => string,
): { parentId: number; path: string }[] {
  return drafts.flatMap((draft, i) => {
    const { parentId } = draft.input;
    return parentId === undefined || !fresh.has(draft) ? [] : [{ parentId, path: path(i, 'parentId') }];
  });
}

/** Rows per statement: SQLite takes 32,766 parameters. */
const ROWS = 500;

async function insertRows({ db }: Transaction, drafts: readonly Draft[]): Promise<number[]> {
  const ids: number[] = [];
  for (let from = 0; from < drafts.length; from += ROWS) {
    const rows = drafts.slice(from, from + ROWS).map((draft) => draft.row);
    const inserted = await db.insertInto('jobs').values(rows).returning('id').execute();
    ids.push(...inserted.map((row) => row.id).sort((a, b) => a - b));
  }
  return ids;
}

async function insertParts(
  transaction: Transaction,
  actor: Actor,
  drafts: readonly Draft[],
  ids: readonly number[],
  now: number,
): Promise<void> {
  if (drafts.length === 0) return;
  const { db } = transaction;
  const steps: Value[][] = [];
  const events: Value[][] = [];
  const eventIds = await transaction.eventIds(drafts.length);
  for (const [i, { state, created }] of drafts.entries()) {
    const id = ids[i] as number;
    state.steps.forEach((step, position) => {
      steps.push(stepValues(id, position, step));
    });
    events.push(createdValues(eventIds[i] as number, id, created, state.attempt, actor, now));
  }
  const made = drafts.map(({ input }, i) => ({ id: ids[i] as number, input }));
  await insertTexts(transaction, made);
  await addBaseRuns(
    transaction,
    actor.scope,
    made.flatMap(({ id, input: { baseRuns } }) => (baseRuns === undefined ? [] : [{ id, names: baseRuns }])),
  );
  await takeTargets(transaction, actor, drafts, ids, now);
  await transaction.write(writeSteps, steps);
  await transaction.write(insertEvents, events);
  await linkBaseRuns(
    transaction,
    drafts.map(({ row }, i) => ({
      id: ids[i] as number,
      externalId: row.external_id ?? null,
      providerId: row.provider_id,
      project: row.project ?? null,
    })),
  );
  const projects = [...new Set(drafts.flatMap(({ row }) => (row.project ? [row.project] : [])))];
  if (projects.length > 0)
    await db
      .insertInto('projects')
      .values(projects.map((name) => ({ name, title: null, created_at: now })))
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
}

/** In the order of their names, so that two batches lock the same targets the same way round. */
async function takeTargets(
  transaction: Transaction,
  { scope }: Actor,
  drafts: readonly Draft[],
  ids: readonly number[],
  now: number,
): Promise<void> {
  const wanted = drafts.flatMap(({ row: { target, status } }, i) =>
    target ? [{ target, ended: isEnded(status as JobStatus), id: ids[i] as number }] : [],
  );
  wanted.sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  for (const { target, ended, id } of wanted)
    if (ended) await noteTarget(transaction, target, id, now);
    else await holdTarget(transaction, scope, target, id, now);
}

function worded(id: number, { input, row }: Draft): Worded {
  const { configuration_tag: tag } = row;
  return {
    ...input,
    id,
    name: row.name,
    kind: row.kind,
    source: row.source,
    configuration: tag == null ? null : { tag },
    submittedAt: row.submitted_at,
    analysisStatus: row.analysis_status as Worded['analysisStatus'],
    providerId: row.provider_id,
  };
}

/** In the order of `insertEvents`. */
function createdValues(
  id: number,
  jobId: number,
  fact: Fact,
  attempt: number,
  actor: Actor,
  now: number,
): Value[] {
  const metadata = jsonOrNull(fact.metadata);
  return [
    id,
    jobId,
    'created',
    null,
    fact.status,
    null,
    null,
    metadata,
    attempt,
    null,
    null,
    actor.label,
    fact.at,
    now,
  ];
}

async function insertTexts(
  { db }: Transaction,
  jobs: readonly { id: number; input: JobCreate }[],
): Promise<void> {
  const annotations = jobs.flatMap(({ id, input: { info, summary } }) =>
    info || summary ? [{ job_id: id, info: info ?? '', summary: summary ?? '' }] : [],
  );
  const documents = jobs.flatMap(({ id, input: { parameters, context, metadata } }) =>
    parameters || context || metadata
      ? [
          {
            job_id: id,
            parameters: jsonOrNull(parameters),
            context: jsonOrNull(context),
            metadata: jsonOrNull(metadata),
          },
        ]
      : [],
  );
  const tags = jobs.flatMap(({ id, input }) => [...new Set(input.tags)].map((tag) => ({ job_id: id, tag })));
  for (const rows of slices(annotations)) await db.insertInto('annotations').values(rows).execute();
  for (const rows of slices(documents)) await db.insertInto('documents').values(rows).execute();
  for (const rows of slices(tags)) await db.insertInto('job_tags').values(rows).execute();
}

function* slices<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += ROWS) yield rows.slice(from, from + ROWS);
}
