import { DaybookError, roleMay, type SavedView, toIso, type ViewCreate, type ViewPatch } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { seesOutsideOnly } from '../jobs/customer-view.ts';
import type { Database, SavedViewsTable, Store, Transaction } from '../storage/index.ts';

/** What the routes of views are made of. */
export interface ViewParts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Views that one person keeps; a list of more is no help. */
const PER_OWNER = 100;

type Row = Selectable<SavedViewsTable> & { owner: string };

/** The actor's own views and those that are shared, by name. */
export async function listViews(db: Kysely<Database>, actor: Actor): Promise<SavedView[]> {
  const rows = await viewsFor(db, actor).orderBy('saved_views.name').orderBy('saved_views.id').execute();
  return rows.map((row) => viewOf(row, actor));
}

/** Throws `forbidden`, `already_exists`, `conflict` when there are too many. */
export async function createView(
  { store, clock }: ViewParts,
  actor: Actor,
  input: ViewCreate,
): Promise<SavedView> {
  const owner = personOf(actor);
  if (input.shared) refuseSharing(actor);
  const now = clock.now();
  return await store.write(async (transaction) => {
    await store.profile.oneAtATime(transaction.db, 'saved views');
    await refuseTooMany(transaction, owner);
    await refuseSameName(transaction, owner, input.name);
    if (input.isDefault) await dropDefault(transaction, owner, input.shared);
    const { id } = await transaction.db
      .insertInto('saved_views')
      .values({
        owner_id: owner,
        name: input.name,
        query: input.query,
        shared: input.shared ? 1 : 0,
        is_default: input.isDefault ? 1 : 0,
        version: 1,
        created_at: now,
        updated_at: now,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return viewOf(await findView(transaction.db, actor, id), actor);
  });
}

/** Throws `not_found`, `forbidden`, `already_exists`, `version_conflict` with the view as it is now. */
export async function updateView(
  { store, clock }: ViewParts,
  actor: Actor,
  id: number,
  patch: ViewPatch & { version: number },
): Promise<SavedView> {
  return await store.write(async (transaction) => {
    await store.profile.oneAtATime(transaction.db, 'saved views');
    const row = await editableView(transaction.db, actor, id);
    if (row.version !== patch.version)
      throw new DaybookError('version_conflict', `The view ${row.name} was changed meanwhile.`, {
        extra: { current: viewOf(row, actor) },
      });
    const shared = patch.shared ?? row.shared === 1;
    const isDefault = patch.isDefault ?? row.is_default === 1;
    if (shared) refuseSharing(actor);
    if (patch.name !== undefined && patch.name !== row.name)
      await refuseSameName(transaction, row.owner_id, patch.name);
    if (isDefault) await dropDefault(transaction, row.owner_id, shared);
    await transaction.db
      .updateTable('saved_views')
      .set({
        name: patch.name ?? row.name,
        query: patch.query ?? row.query,
        shared: shared ? 1 : 0,
        is_default: isDefault ? 1 : 0,
        version: row.version + 1,
        updated_at: clock.now(),
      })
      .where('id', '=', id)
      .execute();
    return viewOf(await findView(transaction.db, actor, id), actor);
  });
}

/** Throws `not_found`, `forbidden`. */
export async function deleteView({ store }: ViewParts, actor: Actor, id: number): Promise<void> {
  await store.write(async ({ db }) => {
    await editableView(db, actor, id);
    await db.deleteFrom('saved_views').where('id', '=', id).execute();
  });
}

function viewsFor(db: Kysely<Database>, actor: Actor) {
  const own = actor.kind === 'user' ? actor.id : 0;
  // What the team looks for names its projects and people, which are no business of customers.
  const shared = seesOutsideOnly(actor) ? [] : [1];
  return db
    .selectFrom('saved_views')
    .innerJoin('users', 'users.id', 'saved_views.owner_id')
    .selectAll('saved_views')
    .select('users.name as owner')
    .where((eb) =>
      eb.or([
        eb('saved_views.owner_id', '=', own),
        ...shared.map((yes) => eb('saved_views.shared', '=', yes)),
      ]),
    );
}

async function findView(db: Kysely<Database>, actor: Actor, id: number): Promise<Row> {
  const row = await viewsFor(db, actor).where('saved_views.id', '=', id).executeTakeFirst();
  if (row === undefined) throw new DaybookError('not_found', `There is no view ${id}, or it is not shared.`);
  return row;
}

async function editableView(db: Kysely<Database>, actor: Actor, id: number): Promise<Row> {
  const row = await findView(db, actor, id);
  if (!mayEdit(row, actor))
    throw new DaybookError('forbidden', `The view ${row.name} is ${row.owner}'s, for editors to change.`);
  return row;
}

/** Sharing is an editor's to do, so what was shared stays theirs to change when its owner is an editor no more. */
function mayEdit(row: Row, actor: Actor): boolean {
  if (actor.kind !== 'user') return false;
  return row.shared === 1 ? roleMay(actor.role, 'views.share') : row.owner_id === actor.id;
}

function personOf(actor: Actor): number {
  if (actor.kind !== 'user')
    throw new DaybookError('forbidden', 'Views belong to people: an API key keeps none.');
  return actor.id;
}

function refuseSharing(actor: Actor): void {
  if (!roleMay(actor.role, 'views.share'))
    throw new DaybookError('forbidden', `The role ${actor.role} does not share views.`);
}

async function refuseTooMany({ db }: Transaction, owner: number): Promise<void> {
  const { count } = await db
    .selectFrom('saved_views')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('owner_id', '=', owner)
    .executeTakeFirstOrThrow();
  if (Number(count) >= PER_OWNER)
    throw new DaybookError(
      'conflict',
      `You keep ${PER_OWNER} views already. Delete one that you do not need.`,
    );
}

async function refuseSameName({ db }: Transaction, owner: number, name: string): Promise<void> {
  const same = await db
    .selectFrom('saved_views')
    .select('id')
    .where('owner_id', '=', owner)
    .where('name', '=', name)
    .executeTakeFirst();
  if (same !== undefined) throw new DaybookError('already_exists', `There is a view ${name} already.`);
}

/** Makes room for a new default: of everybody if it is shared, else of its owner alone. */
async function dropDefault({ db }: Transaction, owner: number, shared: boolean): Promise<void> {
  await db
    .updateTable('saved_views')
    .set({ is_default: 0 })
    .where('is_default', '=', 1)
    .where('shared', '=', shared ? 1 : 0)
    .$if(!shared, (query) => query.where('owner_id', '=', owner))
    .execute();
}

function viewOf(row: Row, actor: Actor): SavedView {
  return {
    id: row.id,
    name: row.name,
    query: row.query,
    shared: row.shared === 1,
    isDefault: row.is_default === 1,
    owner: row.owner,
    mine: actor.kind === 'user' && row.owner_id === actor.id,
    mayEdit: mayEdit(row, actor),
    createdAt: toIso(row.created_at),
    updatedAt: toIso(row.updated_at),
    version: row.version,
  };
}
