import {
  DaybookError,
  faultsOf,
  plainSentence,
  type Source,
  type SourceCreate,
  type SourcePatch,
  type SourceSentence,
  type SourceState,
  toIso,
} from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { record } from '../access/audit.ts';
import { providerNamed } from '../access/providers.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Database, SourcesTable, Store, Transaction } from '../storage/index.ts';
import type { CommonSettings, SourceKind } from './source.ts';

export type SourceRow = Selectable<SourcesTable>;

/** Most sources: each is a poller of its own. */
const MOST = 200;

/** The kinds that there are, by name. */
export type SourceKinds = ReadonlyMap<string, SourceKind>;

/** Who writes what a source tells: its name is in every event. */
export function sourceActor({
  id,
  name,
  provider_id,
}: Pick<SourceRow, 'id' | 'name' | 'provider_id'>): Actor {
  return {
    kind: 'system',
    id,
    label: `source:${name}`,
    name,
    displayName: name,
    role: 'provider',
    providerId: provider_id,
    providerName: null,
    scope: { all: true, projects: [], providerId: provider_id, customers: [] },
  };
}

/** Throws `invalid_request` for a kind that there is none of. */
export function kindNamed(kinds: SourceKinds, name: string): SourceKind {
  const kind = kinds.get(name);
  if (kind !== undefined) return kind;
  const message = `there are the kinds ${[...kinds.keys()].join(', ')}`;
  throw new DaybookError('invalid_request', undefined, { faults: [{ path: 'kind', message }] });
}

/** Throws `invalid_request` with every fault, each below `settings`. */
export function checkedSettings(kind: SourceKind, settings: unknown): CommonSettings {
  const read = kind.settings.safeParse(settings, { error: plainSentence });
  if (read.success) return read.data;
  const faults = faultsOf(read.error.issues).map(({ path, message }) => ({
    path: path === '' ? 'settings' : `settings.${path}`,
    message,
  }));
  throw new DaybookError('invalid_request', undefined, { faults });
}

/** Settings as they were stored: they were checked then, and defaults that came later are filled in. */
export function settingsOf<S extends CommonSettings>(
  kind: SourceKind<S>,
  { settings }: Pick<SourceRow, 'settings'>,
): S {
  return kind.settings.parse(JSON.parse(settings));
}

export interface SourceParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly kinds: SourceKinds;
}

/** Throws `invalid_request`, `already_exists`, `conflict` when there are too many. */
export async function addSource(
  { store, clock, kinds }: SourceParts,
  actor: Actor,
  input: SourceCreate,
): Promise<number> {
  const kind = kindNamed(kinds, input.kind);
  checkedSettings(kind, input.settings);
  const now = clock.now();
  return await store.write(async (transaction) => {
    const provider = input.provider === undefined ? 0 : await providerNamed(transaction, input.provider, now);
    await refuseTooMany(transaction);
    const id = await insertSource(transaction, {
      provider,
      name: input.name,
      kind: kind.kind,
      settings: input.settings,
      enabled: input.enabled,
      actor,
      now,
    });
    if (id === undefined)
      throw new DaybookError(
        'already_exists',
        `There is a source ${input.name} already. Nothing was stored.`,
      );
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'source.add',
      subject: `source:${input.name}`,
      detail: { kind: kind.kind, settings: input.settings },
    });
    return id;
  });
}

interface NewSource {
  readonly provider: number;
  readonly name: string;
  readonly kind: string;
  readonly settings: unknown;
  readonly enabled: boolean;
  readonly actor: Actor;
  readonly now: number;
}

/**
 * Undefined if there is one of this name already. One that was removed comes back with what it knew, so that nothing is
 * imported twice.
 */
export async function insertSource({ db }: Transaction, source: NewSource): Promise<number | undefined> {
  const { provider, name, kind, settings, enabled, actor, now } = source;
  const values = {
    provider_id: provider,
    name,
    kind,
    settings: JSON.stringify(settings),
    version: 1,
    enabled: enabled ? 1 : 0,
    created_at: now,
    created_by: actor.label,
    removed_at: null,
    cycle_at: null,
    cycle_ms: null,
    cycle: null,
    ok_at: null,
    failures: 0,
    error: null,
    next_at: 0,
  };
  const inserted = await db
    .insertInto('sources')
    .values(values)
    .onConflict((conflict) => conflict.columns(['provider_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted !== undefined) return inserted.id;
  const revived = await db
    .updateTable('sources')
    .set((eb) => ({ ...values, version: eb('version', '+', 1) }))
    .where('provider_id', '=', provider)
    .where('name', '=', name)
    .where('kind', '=', kind)
    .where('removed_at', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  return revived?.id;
}

/** Throws `conflict`. */
export async function refuseTooMany({ db }: Transaction): Promise<void> {
  const { count } = await db
    .selectFrom('sources')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(count) >= MOST)
    throw new DaybookError('conflict', `There may be ${MOST} sources. Remove one first.`);
}

/** Throws `not_found`, `version_conflict`, `invalid_request`. */
export async function editSource(
  { store, clock, kinds }: SourceParts,
  actor: Actor,
  id: number,
  patch: SourcePatch & { version: number },
): Promise<void> {
  await store.write(async (transaction) => {
    const row = await sourceRow(transaction.db, id);
    if (row.version !== patch.version)
      throw new DaybookError(
        'version_conflict',
        `Source ${row.name} is at version ${row.version} now. Nothing was stored.`,
      );
    if (patch.settings !== undefined) checkedSettings(kindNamed(kinds, row.kind), patch.settings);
    await transaction.db
      .updateTable('sources')
      .set({
        version: row.version + 1,
        next_at: 0,
        ...(patch.settings !== undefined && { settings: JSON.stringify(patch.settings) }),
        ...(patch.enabled !== undefined && { enabled: patch.enabled ? 1 : 0 }),
      })
      .where('id', '=', id)
      .where('version', '=', patch.version)
      .execute();
    const { version: _version, ...detail } = patch;
    const deed = {
      at: clock.now(),
      actor: actor.label,
      action: 'source.edit',
      subject: `source:${row.name}`,
      detail,
    };
    await record(transaction, deed);
  });
}

/** Its jobs stay. Throws `not_found`. */
export async function removeSource({ store, clock }: SourceParts, actor: Actor, id: number): Promise<void> {
  await store.write(async (transaction) => {
    const { name } = await sourceRow(transaction.db, id);
    const now = clock.now();
    await transaction.db
      .updateTable('sources')
      .set({ removed_at: now, enabled: 0 })
      .where('id', '=', id)
      .execute();
    await record(transaction, {
      at: now,
      actor: actor.label,
      action: 'source.remove',
      subject: `source:${name}`,
    });
  });
}

/** Throws `not_found`. */
export async function sourceRow(db: Kysely<Database>, id: number): Promise<SourceRow> {
  const row = await db
    .selectFrom('sources')
    .selectAll()
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw new DaybookError('not_found', `There is no source ${id}.`);
  return row;
}

/** All of them by name, or the one with this id. */
export async function listSources({ store, clock, kinds }: SourceParts, id?: number): Promise<Source[]> {
  const now = clock.now();
  let query = store.people
    .selectFrom('sources')
    .leftJoin('providers', 'providers.id', 'sources.provider_id')
    .selectAll('sources')
    .select('providers.name as provider')
    .where('removed_at', 'is', null)
    .orderBy('sources.name')
    .orderBy('sources.id');
  if (id !== undefined) query = query.where('sources.id', '=', id);
  const rows = await query.execute();
  const counts = await countsOf(
    store.people,
    rows.map((row) => row.id),
  );
  return rows.map((row) => {
    const counted = counts.get(row.id) ?? { jobs: 0, problems: 0, conflicts: 0 };
    return { ...viewOf(row, row.provider, stateOf(kinds, row), now), ...counted };
  });
}

export function stateOf(kinds: SourceKinds, row: SourceRow): SourceState {
  const kind = kinds.get(row.kind);
  if (row.enabled === 0) return 'paused';
  if (row.failures > 0) return 'stale';
  if (kind === undefined || !kind.polls(settingsOf(kind, row))) return 'idle';
  return row.ok_at === null ? 'new' : 'ok';
}

function viewOf(
  row: SourceRow,
  provider: string | null,
  state: SourceState,
  now: number,
): Omit<Source, 'jobs' | 'problems' | 'conflicts'> {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    settings: JSON.parse(row.settings),
    enabled: row.enabled === 1,
    provider,
    state,
    cycleAt: row.cycle_at === null ? null : toIso(row.cycle_at),
    cycleSeconds: row.cycle_ms === null ? null : row.cycle_ms / 1_000,
    okAt: row.ok_at === null ? null : toIso(row.ok_at),
    lagSeconds: row.ok_at === null ? null : Math.max(0, now - row.ok_at) / 1_000,
    failures: row.failures,
    error: sentenceOf(row.error),
    cycle: row.cycle === null ? null : JSON.parse(row.cycle),
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    version: row.version,
  };
}

export function sentenceOf(text: string | null): SourceSentence | null {
  if (text === null) return null;
  const { code, detail } = JSON.parse(text) as SourceSentence;
  return { code, ...(detail !== undefined && { detail }) };
}

interface Counts {
  readonly jobs: number;
  readonly problems: number;
  readonly conflicts: number;
}

async function countsOf(db: Kysely<Database>, ids: readonly number[]): Promise<Map<number, Counts>> {
  if (ids.length === 0) return new Map();
  const items = await db
    .selectFrom('source_items')
    .select((eb) => [
      'source_id',
      eb.fn.count<number>('job_id').as('jobs'),
      eb.fn.count<number>('problem').as('problems'),
    ])
    .where('source_id', 'in', ids)
    .groupBy('source_id')
    .execute();
  const edits = await db
    .selectFrom('source_edits')
    .select((eb) => ['source_id', eb.fn.countAll<number>().as('conflicts')])
    .where('source_id', 'in', ids)
    .where('state', '=', 'conflict')
    .groupBy('source_id')
    .execute();
  const conflicts = new Map(edits.map((row) => [row.source_id, Number(row.conflicts)]));
  return new Map(
    items.map((row) => [
      row.source_id,
      {
        jobs: Number(row.jobs),
        problems: Number(row.problems),
        conflicts: conflicts.get(row.source_id) ?? 0,
      },
    ]),
  );
}
