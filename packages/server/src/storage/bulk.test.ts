import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { BulkRead, BulkWrite } from './bulk.ts';
import type { Store } from './store.ts';
import { forEachEngine } from './testing/engines.ts';

const write: BulkWrite = {
  name: 'test_write',
  table: 'log_lines',
  mode: 'insert',
  columns: { job_id: 'int', id: 'int', step: 'text', message: 'text', at: 'int', received_at: 'int' },
};
const read: BulkRead = {
  name: 'test_read',
  table: 'log_lines',
  columns: ['id', 'step', 'message'],
  key: { job_id: 'int', id: 'int' },
};

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let next = 0;
  beforeAll(async () => {
    store = (await newDatabase()).open();
  });

  test('text comes back as it was written, whatever is in it', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((each) => each.replaceAll('\0', ''));
    const awkward = fc.constantFrom(
      '',
      'NULL',
      'null',
      '{}',
      '"',
      '\\',
      '\\"',
      '{"a": ["b\\n"]}',
      ',',
      "'",
      'ä "ü"',
      '\t\r\n',
    );
    const row = fc.tuple(fc.option(fc.oneof(text, awkward)), fc.oneof(text, awkward));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (rows) => {
        const stored = rows.map(([step, message]) => ({ id: ++next, step, message }));
        await store.write(async (tx) => {
          await tx.write(
            write,
            stored.map(({ id, step, message }) => [1, id, step, message, 1, 1]),
          );
        });
        const found = await store.write(async (tx) =>
          tx.read<(typeof stored)[number]>(
            read,
            stored.map(({ id }) => [1, id]),
          ),
        );
        expect(found.map((each) => ({ ...each })).sort((a, b) => a.id - b.id)).toEqual(stored);
      }),
      { numRuns: 60 },
    );
  });

  test('of many rows each gets its own, whatever they have in common', async () => {
    const columns = { job_id: 'int', info: 'text', summary: 'text' } as const;
    const table = { table: 'annotations', key: ['job_id'], columns } as const;
    const upsert: BulkWrite = { ...table, name: 'test_upsert', mode: 'upsert' };
    const update: BulkWrite = { ...table, name: 'test_update', mode: 'update' };
    const ids = Array.from({ length: 45 }, (_, i) => i + 1);
    const written = async (statement: BulkWrite, rowOf: (id: number) => [number, string, string]) => {
      await store.write(async (tx) => tx.write(statement, ids.map(rowOf)));
      const found = await store.read.selectFrom('annotations').selectAll().orderBy('job_id').execute();
      expect(found.map(({ job_id, info, summary }) => [job_id, info, summary])).toEqual(ids.map(rowOf));
    };
    await written(upsert, (id) => [id, `info ${id}`, 'the same']);
    await written(upsert, (id) => [id, 'now the same', `summary ${id % 7}`]);
    await written(update, (id) => [id, `other ${id}`, 'the same']);
    await written(update, (id) => [id, 'all', 'alike']);
  });

  const line = (id: number, message = 'x') => [2, id, null, message, 1, 1];
  const lines = async (...ids: number[]) => {
    const rows = await store.write(async (tx) =>
      tx.read<{ id: number }>(
        read,
        ids.map((id) => [2, id]),
      ),
    );
    return rows.map(({ id }) => id);
  };

  test('what was written before is found within the same write, by either way of reading', async () => {
    await store.write(async (tx) => {
      await tx.write(write, [line(1)]);
      expect(await tx.read(read, [[2, 1]])).toHaveLength(1);
      await tx.write(write, [line(2)]);
      const { n } = await tx.db
        .selectFrom('log_lines')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('job_id', '=', 2)
        .executeTakeFirstOrThrow();
      expect(n).toBe(2);
      await tx.write(write, [line(3)]);
      await tx.write(write, [line(4)]);
    });
    expect(await lines(1, 2, 3, 4)).toEqual([1, 2, 3, 4]);
  });

  test('one that fails takes its own write along and no other, alone or in company', async () => {
    await store.write(async (tx) => tx.write(write, [line(10)]));
    const add = (...ids: number[]) =>
      store.write(async (tx) => {
        for (const id of ids) await tx.write(write, [line(id)]);
      });
    await expect(add(11, 10)).rejects.toThrow();
    const [first, second, third] = await Promise.allSettled([add(12), add(13, 10), add(14)]);
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await lines(10, 11, 12, 13, 14)).toEqual([10, 12, 14]);
  });

  test('so does one of many rows, which are sent before anybody waits for them', async () => {
    const many = (from: number) => Array.from({ length: 60 }, (_, i) => from + i);
    await store.write(async (tx) => tx.write(write, [line(150)]));
    const add = (from: number) =>
      store.write(async (tx) => {
        await tx.write(
          write,
          many(from).map((id) => line(id)),
        );
        await tx.write(write, [line(from + 90)]);
      });
    await expect(add(100)).rejects.toThrow();
    const settled = await Promise.allSettled([add(200), add(100), add(300)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await lines(...many(100), 190)).toEqual([150]);
    expect(await lines(...many(200), 290, ...many(300), 390)).toHaveLength(122);
  });
});
