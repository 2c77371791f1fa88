import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { EngineProfile } from '../storage/index.ts';
import type { SortKey, SortPart } from './sort-keys.ts';

type Condition = RawBuilder<SqlBool>;

/** The values of the row after which a page begins: the sort's, and its id. */
export type Place = readonly [value: string | number, id: number];

/** What bounds a page; nothing at its beginning. */
export function edgeOf(key: SortKey, after: Place | undefined): Condition {
  const bounds = [
    ...(key.excludes === undefined ? [] : [key.excludes]),
    ...(after === undefined ? [] : [beyond(key, key.value, after)]),
  ];
  return bounds.length === 0 ? sql`1 = 1` : sql`${sql.join(bounds, sql` AND `)}`;
}

export function orderOf({ column, value, direction }: SortKey): RawBuilder<unknown> {
  const way = sql.raw(direction);
  return column === 'id' ? sql`${value} ${way}` : sql`${value} ${way}, jobs.id ${way}`;
}

/** The first ids of a list in its order, found by looking at jobs in this order: SQL. */
export function orderedIds(
  key: SortKey,
  condition: Condition,
  { after, limit, profile }: { after: Place | undefined; limit: number; profile: EngineProfile },
): RawBuilder<{ id: number }> {
  const parts = (key.parts ?? []).filter(({ on }) => on === undefined || on === profile.name);
  if (parts.length === 0)
    return sql`SELECT jobs.id FROM jobs WHERE ${edgeOf(key, after)} AND ${condition} ORDER BY ${orderOf(key)} LIMIT ${limit}`;
  const way = sql.raw(key.direction);
  const found = parts.map(
    (part) => sql`SELECT * FROM (${partIds(part, key, condition, after, limit)}) AS part`,
  );
  return sql`SELECT id FROM (${sql.join(found, sql` UNION ALL `)}) AS found ORDER BY place ${way}, id ${way} LIMIT ${limit}`;
}

function partIds(
  { holds, value }: SortPart,
  key: SortKey,
  condition: Condition,
  after: Place | undefined,
  limit: number,
): RawBuilder<unknown> {
  const way = sql.raw(key.direction);
  const isSame = typeof value === 'string';
  const edge =
    after === undefined ? sql`1 = 1` : isSame ? beyondSame(key, value, after) : beyond(key, value, after);
  return sql`SELECT jobs.id AS id, ${isSame ? sql.lit(value) : value} AS place FROM jobs
    WHERE ${holds} AND ${edge} AND ${condition}
    ORDER BY ${isSame ? sql`jobs.id ${way}` : sql`${value} ${way}, jobs.id ${way}`} LIMIT ${limit}`;
}

function beyond({ direction }: SortKey, value: RawBuilder<unknown>, [place, id]: Place): Condition {
  const than = sql.raw(direction === 'asc' ? '>' : '<');
  return sql`(${value}, jobs.id) ${than} (${place}, ${id})`;
}

function beyondSame({ direction }: SortKey, value: string, [place, id]: Place): Condition {
  const isUp = direction === 'asc';
  if (place === value) return isUp ? sql`jobs.id > ${id}` : sql`jobs.id < ${id}`;
  return value > place === isUp ? sql`1 = 1` : sql`1 = 0`;
}
