import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { migrate } from '../migrate.ts';
import { SqliteConnection } from './connection.ts';
import { openSqlite } from './sqlite-store.ts';
import { Upkeep } from './upkeep.ts';

let folder: string;
let connection: SqliteConnection;
let upkeep: Upkeep;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'daybook-upkeep-'));
  const file = join(folder, 'daybook.sqlite');
  const store = openSqlite({ file });
  await migrate(store);
  await store.close();
  connection = new SqliteConnection(file);
  vi.useFakeTimers();
  upkeep = new Upkeep(connection);
});
afterEach(() => {
  upkeep.stop();
  vi.useRealTimers();
  connection.close();
  rmSync(folder, { recursive: true });
});

const segments = (index: string) => connection.all(`SELECT DISTINCT segid FROM ${index}_idx`).length;
const found = (word: string) =>
  connection
    .all<{ id: number }>(
      `SELECT rowid AS id FROM word_index WHERE word_index MATCH '"${word}"' ORDER BY rowid`,
    )
    .map(({ id }) => id);
/** Each in a commit of its own, as jobs come. */
const write = (from: number, count: number) => {
  for (let n = from; n < from + count; n += 1)
    connection.run(`INSERT INTO job_words (job_id, words, prose, name, path) VALUES (?, ?, '', ?, '')`, [
      n,
      `\ncommon\nword${n % 7}\nonly${n}\n`,
      `name_${n}.key`,
    ]);
};
/** Until nothing is left to do. */
const pass = () => {
  for (let seconds = 0; vi.getTimerCount() > 0; seconds += 2) {
    if (seconds > 600) throw new Error('it has no end');
    vi.advanceTimersByTime(2_000);
  }
};

test('merges what an index has grown by, and then rests', () => {
  write(1, 3_000);
  connection.run('DELETE FROM job_words WHERE job_id <= 1000');
  const before = [segments('word_index'), segments('part_index')];
  upkeep.committed();
  pass();
  const after = [segments('word_index'), segments('part_index')];
  expect(Math.min(...before)).toBeGreaterThan(Math.max(...after));
  expect(found('word3')).toEqual(
    Array.from({ length: 3_000 }, (_, i) => i + 1).filter((n) => n > 1_000 && n % 7 === 3),
  );
  expect(found('only7')).toEqual([]);
  expect(found('only2999')).toEqual([2_999]);
  connection.run(`INSERT INTO word_index (word_index) VALUES ('integrity-check')`);
});

test('moves the log soon after a commit, and does neither within a transaction', () => {
  const size = () => statSync(join(folder, 'daybook.sqlite')).size;
  const small = size();
  write(1, 500);
  connection.exec('BEGIN');
  write(501, 1);
  upkeep.committed();
  vi.advanceTimersByTime(5_000);
  expect(size()).toBe(small);
  const many = segments('word_index');
  connection.exec('COMMIT');
  vi.advanceTimersByTime(1);
  expect(size()).toBeGreaterThan(small);
  pass();
  expect(segments('word_index')).toBeLessThan(many);
});

test('a database that has no indexes yet is left alone', () => {
  connection.exec('DROP TABLE word_index; DROP TABLE part_index');
  upkeep.committed();
  pass();
  expect(vi.getTimerCount()).toBe(0);
});
