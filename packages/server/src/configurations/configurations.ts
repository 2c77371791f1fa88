import {
  type Configuration,
  compareVersions,
  configurationSchema,
  DaybookError,
  isoInstant,
  sameContent,
  toIso,
} from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Recipe } from '../jobs/references.ts';
import type { ConfigurationsTable, Database, Store, Transaction } from '../storage/index.ts';

export const storedConfigurationSchema = configurationSchema
  .extend({ id: z.int(), createdAt: isoInstant, createdBy: z.string().nullable() })
  .meta({ id: 'StoredConfiguration' });
export type StoredConfiguration = Configuration & { id: number; createdAt: string; createdBy: string | null };

/** A database, or a transaction of it. */
type Reads = Kysely<Database>;

/**
 * Registers a version of a configuration. The same tag, version and content again is the stored one (`created: false`);
 * other content under the same version is refused with `already_exists`: jobs were measured by it.
 */
export async function registerConfiguration(
  store: Store,
  clock: Clock,
  actor: Actor,
  configuration: Configuration,
): Promise<{ stored: StoredConfiguration; created: boolean }> {
  return store.write(async ({ db }) => {
    const { tag, version, name, steps } = configuration;
    const inserted = await db
      .insertInto('configurations')
      .values({
        provider_id: actor.providerId,
        tag,
        name,
        version,
        steps: JSON.stringify(steps),
        created_at: clock.now(),
        created_by: actor.label,
      })
      .onConflict((conflict) => conflict.columns(['provider_id', 'tag', 'version']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (inserted !== undefined) return { stored: storedOf(inserted), created: true };
    const row = await db
      .selectFrom('configurations')
      .selectAll()
      .where('provider_id', '=', actor.providerId)
      .where('tag', '=', tag)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();
    const stored = storedOf(row);
    if (sameContent(stored, configuration)) return { stored, created: false };
    throw new DaybookError(
      'already_exists',
      `${tag} ${version} exists with other content. Give it a new version.`,
    );
  });
}

/** All versions of a tag that the actor may use, the highest first: its own provider's, else everybody's. */
export async function versionsOf(db: Reads, actor: Actor, tag: string): Promise<StoredConfiguration[]> {
  const rows = await usable(db, actor).where('tag', '=', tag).execute();
  const own = rows.filter((row) => row.provider_id === actor.providerId);
  return (own.length > 0 ? own : rows).map(storedOf).sort((a, b) => compareVersions(b.version, a.version));
}

/** The latest version of each tag, by tag. */
export async function latestConfigurations(db: Reads, actor: Actor): Promise<StoredConfiguration[]> {
  const rows = await usable(db, actor).orderBy('tag').execute();
  const byTag = Map.groupBy(rows, (row) => `${row.tag}\n${row.provider_id}`);
  return [...byTag.values()].map(
    (versions) =>
      versions.map(storedOf).sort((a, b) => compareVersions(b.version, a.version))[0] as StoredConfiguration,
  );
}

/** Providers see their own configurations and those of nobody in particular; people see all. */
function usable(db: Reads, actor: Actor) {
  const everybody = actor.role !== 'provider' && actor.role !== 'customer';
  return db
    .selectFrom('configurations')
    .selectAll()
    .$if(!everybody, (query) => query.where('provider_id', 'in', [0, actor.providerId]));
}

/** What a new job takes from its configuration. */
export async function findRecipe(
  { db }: Transaction,
  actor: Actor,
  { tag, version }: { tag: string; version?: string },
): Promise<Recipe | undefined> {
  const versions = await versionsOf(db, actor, tag);
  return version === undefined || version === 'latest'
    ? versions[0]
    : versions.find((configuration) => configuration.version === version);
}

function storedOf(row: Selectable<ConfigurationsTable>): StoredConfiguration {
  return {
    id: row.id,
    tag: row.tag,
    name: row.name,
    version: row.version,
    steps: JSON.parse(row.steps),
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
  };
}
