import { compareVersions, DaybookError, type FileConfiguration, toFileConfiguration } from '@daybook/core';
import type { Kysely, Selectable } from 'kysely';
import type { Actor } from '../../actor.ts';
import {
  closest,
  type StoredConfiguration,
  storedOf,
  usableConfigurations,
} from '../../configurations/configurations.ts';
import type { ConfigurationsTable, Database } from '../../storage/index.ts';

/** A configuration as this surface writes it. */
export interface WireConfiguration extends FileConfiguration {
  readonly id: number;
  readonly provider_id: number;
  readonly created_at: string;
}

type Row = Selectable<ConfigurationsTable>;

/** One that the actor may use. Throws `not_found`. */
export async function findWireConfiguration(
  db: Kysely<Database>,
  actor: Actor,
  id: number,
): Promise<WireConfiguration> {
  const row = await usableConfigurations(db, actor).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new DaybookError('not_found', `There is no job configuration ${id}.`);
  return wireConfiguration(row);
}

/** Those with this tag and version (`latest` is the highest of a tag), in the order in which they were registered. */
export async function listWireConfigurations(
  db: Kysely<Database>,
  actor: Actor,
  { tag, version }: { tag?: string | undefined; version?: string | undefined },
): Promise<WireConfiguration[]> {
  const rows = await usableConfigurations(db, actor)
    .$if(tag !== undefined, (query) => query.where('tag', '=', tag as string))
    .$if(version !== undefined && version !== 'latest', (query) =>
      query.where('version', '=', version as string),
    )
    .orderBy('id')
    .execute();
  const wanted = version === 'latest' ? highestOfEach(rows) : rows;
  return (tag === undefined ? wanted : closest(actor, wanted)).map(wireConfiguration);
}

/**
 * What a name in a new job means: the latest version of the tag that it is, else the latest configuration that bears it as
 * its name; undefined if there is neither.
 */
export async function configurationNamed(
  db: Kysely<Database>,
  actor: Actor,
  name: string,
): Promise<StoredConfiguration | undefined> {
  const rows = await usableConfigurations(db, actor)
    .where((eb) => eb.or([eb('tag', '=', name), eb('name', '=', name)]))
    .execute();
  const tagged = rows.filter((row) => row.tag === name);
  const [latest] = closest(actor, tagged.length > 0 ? tagged : rows).sort(
    (a, b) => compareVersions(b.version, a.version) || b.id - a.id,
  );
  return latest && storedOf(latest);
}

function highestOfEach(rows: readonly Row[]): Row[] {
  const highest = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.provider_id} ${row.tag}`;
    const other = highest.get(key);
    if (other === undefined || compareVersions(row.version, other.version) > 0) highest.set(key, row);
  }
  return [...highest.values()];
}

function wireConfiguration(row: Row): WireConfiguration {
  const stored = storedOf(row);
  return {
    id: row.id,
    provider_id: row.provider_id,
    ...toFileConfiguration(stored),
    created_at: stored.createdAt,
  };
}
