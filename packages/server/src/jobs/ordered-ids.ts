import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { EngineProfile } from '../storage/index.ts';
import type { SortKey, SortPart } from './sort-keys.ts';

type Condition = RawBuilder<SqlBool>;

const jobId = sql`jobs.id`;

/** The values of the row after which a page begins: the sort's, and its id. */
export type Place = readonly [value: string | number, id: number];

/** What bounds a page; nothing at its beginning. */
export function edgeOf(key: SortKey, after: Place | undefined): Condition {
  const bounds = [
    ...(key.excludes === undefined ? [] : [key.excludes]),
    ...(after === undefined ? [] : [beyond(key, key.value, jobId, after)]),
  ];
  return bounds.length === 0 ? sql`1 = 1` : sql`${sql.join(bounds, sql` AND `)}`;
}

export function orderOf({ column, value, direction }: SortKey): RawBuilder<unknown> {
  const way = sql.raw(direction);
  return column === 'id' ? sql`${value} ${way}` : sql`${value} ${way}, jobs.id ${way}`;
}

/** The first ids of a list in its order, found by looking at jobs in this order: SQL. Without a condition, of all jobs. */
export function orderedIds(
  key: SortKey,
  condition: Condition | undefined,
  { after, limit, profile }: { after: Place | undefined; limit: number; profile: EngineProfile },
): RawBuilder<{ id: number }> {
  if (key.beside !== undefined && profile.name === 'postgres')
    return idsBeside(key, key.beside, condition, after, limit);
  return idsOfJobs(key, condition ?? sql`1 = 1`, { after, limit, profile });
}

/** By a table that has the order; the jobs themselves are looked up where they are asked something. */
function idsBeside(
  key: SortKey,
  value: RawBuilder<unknown>,
  condition: Condition | undefined,
  after: Place | undefined,
  limit: number,
): RawBuilder<{ id: number }> {
  const way = sql.raw(key.direction);
  const id = sql`job_order.job_id`;
  const jobs = condition === undefined ? sql`` : sql`JOIN jobs ON jobs.id = ${id}`;
  const edge = after === undefined ? sql`1 = 1` : beyond(key, value, id, after);
  return sql`SELECT ${id} AS id FROM job_order ${jobs} WHERE ${edge} AND ${condition ?? sql`1 = 1`}
    ORDER BY ${value} ${way}, ${id} ${way} LIMIT ${limit}`;
}

function idsOfJobs(
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
    after === undefined
      ? sql`1 = 1`
      : isSame
        ? beyondSame(key, value, after)
        : beyond(key, value, jobId, after);
  return sql`SELECT jobs.id AS id, ${isSame ? sql.lit(value) : value} AS place FROM jobs
    WHERE ${holds} AND ${edge} AND ${condition}
    ORDER BY ${isSame ? sql`jobs.id ${way}` : sql`${value} ${way}, jobs.id ${way}`} LIMIT ${limit}`;
}

function beyond(
  { direction }: SortKey,
  value: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
  after: Place,
): Condition {
  const than = sql.raw(direction === 'asc' ? '>' : '<');
  return sql`(${value}, ${id}) ${than} (${after[0]}, ${after[1]})`;
}

function beyondSame({ direction }: SortKey, value: string, [place, id]: Place): Condition {
  const isUp = direction === 'asc';
  if (place === value) return isUp ? sql`jobs.id > ${id}` : sql`jobs.id < ${id}`;
  return value > place === isUp ? sql`1 = 1` : sql`1 = 0`;
}
