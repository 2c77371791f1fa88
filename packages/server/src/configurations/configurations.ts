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
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { ConfigurationsTable, Database, Store, Transaction } from '../storage/index.ts';
import { refuseBuiltInTag } from './built-in.ts';

export const storedConfigurationSchema = configurationSchema
  .extend({
    id: z.int(),
    provider: z.string().nullable().meta({ description: 'Whose it is; null is everybody' }),
    createdAt: isoInstant,
    createdBy: z.string().nullable(),
  })
  .meta({ id: 'StoredConfiguration' });
export type StoredConfiguration = Configuration & {
  id: number;
  provider: string | null;
  createdAt: string;
  createdBy: string | null;
};

/** A row of the table, with the name of its provider if it has one. */
export type ConfigurationRow = Selectable<ConfigurationsTable> & { provider?: string | null };

/** Which page of a list. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A database, or a transaction of it. */
type Reads = Kysely<Database>;

/**
 * Registers a version of a configuration. The same tag, version and content again is the stored one (`created: false`);
 * other content under the same version is refused with `already_exists`: jobs were measured by it. It is the actor's
 * provider's if nothing else is said.
 */
export async function registerConfiguration(
  store: Store,
  clock: Clock,
  actor: Actor,
  configuration: Configuration,
  providerId = actor.providerId,
): Promise<{ stored: StoredConfiguration; created: boolean }> {
  return store.write(async ({ db }) => {
    const { tag, version, name, steps } = configuration;
    await refuseBuiltInTag(db, tag);
    const inserted = await db
      .insertInto('configurations')
      .values({
        provider_id: providerId,
        tag,
        name,
        version,
        steps: JSON.stringify(steps),
        created_at: clock.now(),
        created_by: actor.label,
      })
      .onConflict((conflict) => conflict.columns(['provider_id', 'tag', 'version']).doNothing())
      .returning('id')
      .executeTakeFirst();
    const row = await allConfigurations(db)
      .where('provider_id', '=', providerId)
      .where('tag', '=', tag)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();
    const stored = storedOf(row);
    if (inserted !== undefined) return { stored, created: true };
    if (sameContent(stored, configuration)) return { stored, created: false };
    throw new DaybookError(
      'already_exists',
      `${tag} ${version} exists with other content. Give it a new version.`,
    );
  });
}

/**
 * All versions of a tag that the actor may use, the highest first: those of the named provider, else its own provider's,
 * else everybody's, else those of the provider that came first. Two providers' are never mixed: they only share a name.
 */
export async function versionsOf(
  db: Reads,
  actor: Actor,
  tag: string,
  provider?: string,
): Promise<StoredConfiguration[]> {
  const rows = await usableConfigurations(db, actor).where('tag', '=', tag).execute();
  const ofOne =
    provider === undefined ? closest(actor, rows) : rows.filter((row) => row.provider === provider);
  return ofOne.map(storedOf).sort((a, b) => compareVersions(b.version, a.version));
}

/** Those of one provider: the actor's own, else everybody's, else of who came first. */
export function closest<R extends ConfigurationRow>(actor: Actor, rows: readonly R[]): R[] {
  const whose = rows.some((row) => row.provider_id === actor.providerId)
    ? actor.providerId
    : Math.min(...rows.map((row) => row.provider_id));
  return rows.filter((row) => row.provider_id === whose);
}

export interface ConfigurationPage {
  items: StoredConfiguration[];
  nextCursor?: string;
}

/** A page of the latest version of each tag, by tag. Throws `invalid_cursor`. */
export async function latestConfigurations(
  db: Reads,
  actor: Actor,
  { limit, cursor }: PageQuery,
): Promise<ConfigurationPage> {
  const [tag = '', provider = -1] =
    cursor === undefined ? [] : (decodeCursor('tag', cursor, ['text', 'number']) as [string, number]);
  const isBehind = (row: { tag: string; provider_id: number }) =>
    row.tag > tag || (row.tag === tag && row.provider_id > provider);
  const rows = (await usableConfigurations(db, actor).execute()).filter(isBehind);
  const latest = [...Map.groupBy(rows, (row) => `${row.tag}\n${row.provider_id}`).values()].map(
    ([first, ...others]) =>
      others.reduce(
        (a, b) => (compareVersions(b.version, a.version) > 0 ? b : a),
        first as typeof first & {},
      ),
  );
  // Here and not in the database: each engine has an order of texts of its own.
  latest.sort((a, b) => (a.tag === b.tag ? a.provider_id - b.provider_id : a.tag < b.tag ? -1 : 1));
  const page = latest.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(storedOf),
    ...(latest.length > limit && last && { nextCursor: encodeCursor('tag', [last.tag, last.provider_id]) }),
  };
}

/** A page of {@link versionsOf}; undefined if there is no such tag. Throws `invalid_cursor`. */
export async function pageOfVersions(
  db: Reads,
  actor: Actor,
  tag: string,
  { limit, cursor, provider }: PageQuery & { readonly provider?: string | undefined },
): Promise<ConfigurationPage | undefined> {
  const versions = await versionsOf(db, actor, tag, provider);
  if (versions.length === 0) return undefined;
  const [after] = cursor === undefined ? [] : decodeCursor('version', cursor, ['number']);
  const from = versions.findIndex(({ id }) => id === after) + 1;
  if (cursor !== undefined && from === 0) throw new DaybookError('invalid_cursor');
  const items = versions.slice(from, from + limit);
  const last = items.at(-1);
  return {
    items,
    ...(from + limit < versions.length && last && { nextCursor: encodeCursor('version', [last.id]) }),
  };
}

/** Providers see their own configurations and those of nobody in particular; people see all. */
export function usableConfigurations(db: Reads, actor: Actor) {
  const everybody = actor.role !== 'provider' && actor.role !== 'customer';
  return allConfigurations(db).$if(!everybody, (query) =>
    query.where('provider_id', 'in', [0, actor.providerId]),
  );
}

/** Under whose id a next version of it is kept: a provider's is their own, anybody else's stays whose it was. */
export async function providerIdOf(db: Reads, actor: Actor, { id }: StoredConfiguration): Promise<number> {
  if (actor.role === 'provider') return actor.providerId;
  const row = db.selectFrom('configurations').select('provider_id').where('id', '=', id);
  return (await row.executeTakeFirstOrThrow()).provider_id;
}

function allConfigurations(db: Reads) {
  return db
    .selectFrom('configurations')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('providers')
        .select('providers.name')
        .whereRef('providers.id', '=', 'configurations.provider_id')
        .as('provider'),
    );
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

export function storedOf(row: ConfigurationRow): StoredConfiguration {
  return {
    id: row.id,
    provider: row.provider ?? null,
    tag: row.tag,
    name: row.name,
    version: row.version,
    steps: JSON.parse(row.steps),
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
  };
}
