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
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
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
});
