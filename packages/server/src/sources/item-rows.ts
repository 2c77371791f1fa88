import type { Selectable } from 'kysely';
import type { BulkRead, BulkWrite, SourceItemsTable, Transaction, Value } from '../storage/index.ts';

export type ItemRow = Selectable<SourceItemsTable>;

const columns = {
  source_id: 'int',
  item: 'text',
  mark: 'text',
  hash: 'text',
  changes: 'int',
  job_id: 'int',
  external_id: 'text',
  parent_id: 'text',
  status: 'text',
  content: 'text',
  place: 'text',
  problem: 'json',
  seen_at: 'int',
  changed_at: 'int',
  quiet_since: 'int',
  gone_at: 'int',
} as const satisfies Record<keyof ItemRow, string>;

const names = Object.keys(columns) as (keyof ItemRow)[];

const readAll: BulkRead = {
  name: 'read_source_items',
  table: 'source_items',
  key: { source_id: 'int', item: 'text' },
  columns: names,
};

const upsert: BulkWrite = {
  name: 'write_source_items',
  table: 'source_items',
  mode: 'upsert',
  key: ['source_id', 'item'],
  columns,
};

/** What is known of items, by their name. */
export async function readItems(
  transaction: Transaction,
  sourceId: number,
  items: Iterable<string>,
): Promise<Map<string, ItemRow>> {
  const keys = Array.from(items, (item) => [sourceId, item]);
  const rows = await transaction.read<ItemRow>(readAll, keys);
  return new Map(rows.map((row) => [row.item, row]));
}

export async function writeItems(transaction: Transaction, rows: Iterable<ItemRow>): Promise<void> {
  const values = Array.from(rows, (row) => names.map((name): Value => row[name]));
  await transaction.write(upsert, values);
}

/** An item of which nothing is known yet. */
export function blankItem(sourceId: number, item: string, now: number): ItemRow {
  return {
    source_id: sourceId,
    item,
    mark: '',
    hash: '',
    changes: 0,
    job_id: null,
    external_id: null,
    parent_id: null,
    status: null,
    content: null,
    place: null,
    problem: null,
    seen_at: now,
    changed_at: now,
    quiet_since: now,
    gone_at: null,
  };
}
