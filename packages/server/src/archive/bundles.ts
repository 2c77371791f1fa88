import { type Bundle, DaybookError, toIso, type VerificationResult } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { idBelow, pageOf } from '../access/id-cursor.ts';
import type { Actor } from '../actor.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import type { BundleMembersTable, Database } from '../storage/index.ts';

export interface BundleFilter {
  readonly jobId?: number | undefined;
  readonly project?: string | undefined;
  /** Published since then, milliseconds. */
  readonly since?: number | undefined;
  readonly verified?: VerificationResult | 'never' | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Where a bundle's bytes are, for whoever may see it. */
export interface StoredBundle {
  readonly id: number;
  readonly jobId: number;
  readonly folder: string;
  readonly size: number;
  readonly publishedAt: number;
}

/** Published bundles of jobs that the actor sees, the newest first. */
export async function listBundles(db: Kysely<Database>, actor: Actor, filter: BundleFilter) {
  const below = idBelow('bundles', filter.cursor);
  let query = visibleBundles(db, actor)
    .orderBy('bundles.id', 'desc')
    .limit(filter.limit + 1);
  if (below !== undefined) query = query.where('bundles.id', '<', below);
  if (filter.jobId !== undefined) query = query.where('bundles.job_id', '=', filter.jobId);
  if (filter.project !== undefined) query = query.where('jobs.project', '=', filter.project);
  if (filter.since !== undefined) query = query.where('bundles.published_at', '>=', filter.since);
  if (filter.verified === 'never') query = query.where('bundles.verified_at', 'is', null);
  else if (filter.verified !== undefined) query = query.where('bundles.verified_state', '=', filter.verified);
  const { items, nextCursor } = pageOf('bundles', await query.execute(), filter.limit);
  const incidents = await openIncidents(
    db,
    items.map(({ id }) => id),
  );
  return {
    items: items.map((row) => bundleOf(row, incidents.get(row.id) ?? 0)),
    ...(nextCursor !== undefined && { nextCursor }),
  };
}

/** Throws `not_found` for a bundle that is not published, or whose job the actor does not see. */
export async function findBundle(db: Kysely<Database>, actor: Actor, id: number): Promise<Bundle> {
  const row = await visibleBundles(db, actor).where('bundles.id', '=', id).executeTakeFirst();
  if (row === undefined) throw noBundle(id);
  const incidents = await openIncidents(db, [id]);
  return bundleOf(row, incidents.get(id) ?? 0);
}

/** Throws `not_found` like {@link findBundle}. */
export async function findStored(db: Kysely<Database>, actor: Actor, id: number): Promise<StoredBundle> {
  const row = await visibleBundles(db, actor).where('bundles.id', '=', id).executeTakeFirst();
  if (row === undefined) throw noBundle(id);
  const { job_id, folder, size, published_at } = row;
  return { id, jobId: job_id, folder, size, publishedAt: published_at ?? 0 };
}

function visibleBundles(db: Kysely<Database>, actor: Actor) {
  return db
    .selectFrom('bundles')
    .innerJoin('jobs', 'jobs.id', 'bundles.job_id')
    .selectAll('bundles')
    .select('jobs.project')
    .where('bundles.state', '=', 'published')
    .where((eb) => visibleJobs(actor.scope)(eb as never));
}

type BundleRow = Awaited<ReturnType<ReturnType<typeof visibleBundles>['execute']>>[number];

function bundleOf(row: BundleRow, incidents: number): Bundle {
  return {
    id: row.id,
    jobId: row.job_id,
    project: row.project,
    size: row.size,
    members: row.members,
    files: row.files,
    unlisted: row.unlisted,
    receivedAt: toIso(row.created_at),
    publishedAt: toIso(row.published_at ?? row.touched_at),
    verifiedAt: row.verified_at === null ? null : toIso(row.verified_at),
    verified: row.verified_state as Bundle['verified'],
    openIncidents: incidents,
  };
}

async function openIncidents(db: Kysely<Database>, ids: readonly number[]): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('incidents')
    .select((eb) => ['bundle_id', eb.fn.countAll<number>().as('count')])
    .where('bundle_id', 'in', ids)
    .where('closed_at', 'is', null)
    .groupBy('bundle_id')
    .execute();
  return new Map(rows.map(({ bundle_id, count }) => [bundle_id, Number(count)]));
}

/** Throws `not_found`. The bundle was found for the actor before. */
export async function findMember(
  db: Kysely<Database>,
  bundleId: number,
  path: string,
): Promise<Selectable<BundleMembersTable>> {
  const row = await db
    .selectFrom('bundle_members')
    .selectAll()
    .where('bundle_id', '=', bundleId)
    .where('path', '=', path)
    .executeTakeFirst();
  if (row === undefined || row.kind !== 'file')
    throw new DaybookError('not_found', `Bundle ${bundleId} holds no file ${path}.`);
  return row;
}

function noBundle(id: number): DaybookError {
  return new DaybookError('not_found', `There is no bundle ${id}, or you may not see it.`);
}
