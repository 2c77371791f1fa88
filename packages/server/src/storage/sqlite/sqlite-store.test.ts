import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../migrate.ts';
import type { Store, Transaction } from '../store.ts';
import { startProcess } from '../testing/processes.ts';
import { openSqlite } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-sqlite-'));
const file = join(folder, 'inner/daybook.db');
let store: Store;
beforeAll(async () => {
  store = openSqlite({ file });
  await migrate(store);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const pragma = async (name: string) =>
  Object.values(
    (await store.write(({ db }) => sql<Record<string, unknown>>`PRAGMA ${sql.raw(name)}`.execute(db)))
      .rows[0] ?? {},
  )[0];
const count = async () =>
  (
    await store.read
      .selectFrom('projects')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirst()
  )?.n;

test('a commit is on the disk when it answers', async () => {
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
});

test('its folder is for its owner alone', () => {
  expect(statSync(join(folder, 'inner')).mode & 0o777).toBe(0o700);
});

test('writes that come together share a commit', async () => {
  // SQLite counts the commits that a connection sees of others.
  const version = async () =>
    (await sql<{ data_version: number }>`PRAGMA data_version`.execute(store.read)).rows[0];
  const before = await version();
  const write = (i: number) =>
    store.write(({ db }) =>
      db
        .insertInto('projects')
        .values({ name: `s${i}`, title: null, created_at: 0 })
        .execute(),
    );
  await Promise.all(Array.from({ length: 50 }, (_, i) => write(i)));
  const after = await version();
  expect((after?.data_version ?? 0) - (before?.data_version ?? 0)).toBe(1);
});

test('of writes that share a commit, what reads much goes before the others', async () => {
  const order: string[] = [];
  const write = (name: string, first: boolean) => store.write(async () => order.push(name), { first });
  await Promise.all([write('one', false), write('two', false), write('reads much', true)]);
  expect(order).toEqual(['reads much', 'one', 'two']);
});

describe('a full disk', () => {
  const big = (name: string) => (transaction: Transaction) =>
    transaction.db
      .insertInto('projects')
      .values({ name, title: 'x'.repeat(200_000), created_at: 0 })
      .execute();
  const small = (name: string) => (transaction: Transaction) =>
    transaction.db.insertInto('projects').values({ name, title: null, created_at: 0 }).execute();

  test.each([
    ['alone', [big('full-1')]],
    ['with others', [small('full-2'), big('full-3'), small('full-4')]],
  ])('refuses a write %s, and stores nothing of it', async (_, writes) => {
    const pages = (await pragma('page_count')) as number;
    await pragma(`max_page_count = ${pages + 2}`);
    const before = await count();
    const outcomes = await Promise.all(writes.map((write) => outcome(store.write(write))));
    for (const each of outcomes) expect(each).toMatchObject({ name: 'DaybookError', code: 'unavailable' });
    expect(await count()).toBe(before);
    await pragma('max_page_count = 1000000');
    for (const write of writes) await store.write(write);
    expect(await count()).toBe((before ?? 0) + writes.length);
    expect(
      (
        await sql<{ ok: string }>`SELECT integrity_check AS ok FROM pragma_integrity_check`.execute(
          store.read,
        )
      ).rows,
    ).toEqual([{ ok: 'ok' }]);
  });
});

test('a short writer beside it delays a write, and freezes nothing', async () => {
  const holder = await startProcess('./holding-process.ts', file);
  let turns = 0;
  const turning = setInterval(() => turns++, 5);
  let stored = false;
  const write = store
    .write(({ db }) =>
      db.insertInto('projects').values({ name: 'ours', title: null, created_at: 0 }).execute(),
    )
    .then(() => {
      stored = true;
    });
  while (turns < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(stored).toBe(false);
  const gone = new Promise((resolve) => holder.once('exit', resolve));
  holder.send('let go');
  await write;
  clearInterval(turning);
  await gone;
  const names = await store.read
    .selectFrom('projects')
    .select('name')
    .where('name', 'in', ['ours', 'theirs'])
    .execute();
  expect(names).toHaveLength(2);
}, 30_000);

describe('a reader process', () => {
  const one = sql<{ one: number }>`SELECT 1 AS one`;
  const endless = sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`;
  const readers = () => {
    const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
      encoding: 'utf8',
    });
    return listed
      .split('\n')
      .filter((line) => line.includes('reader-process') && line.includes(file))
      .map((line) => Number.parseInt(line, 10));
  };

  test('that dies at work fails its query, and the next one works', async () => {
    await one.execute(store.people);
    const [pid] = readers();
    const long = outcome(endless.execute(store.people));
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pid as number, 'SIGKILL');
    expect(await long).toMatchObject({ code: 'unavailable' });
    expect((await one.execute(store.people)).rows).toEqual([{ one: 1 }]);
  });

  test('that died before we heard of it does not take us with it', async () => {
    await one.execute(store.people);
    const [pid] = readers();
    process.kill(pid as number, 'SIGKILL');
    // Its death is in the kernel, not yet in our event loop.
    while (readers().includes(pid as number) && !isZombie(pid as number));
    const asked = await outcome(one.execute(store.people));
    if (asked instanceof Error) expect(asked).toMatchObject({ code: 'unavailable' });
    expect((await one.execute(store.people)).rows).toEqual([{ one: 1 }]);
  });

  test('is waited for by a process that has nothing else to do', () => {
    const script = new URL('./sqlite-store.ts', import.meta.url).href;
    const asking = `const { openSqlite } = await import(${JSON.stringify(script)});
      const store = openSqlite({ file: ${JSON.stringify(file)} });
      console.log((await store.people.selectFrom('projects').select('name').execute()).length);`;
    const options = ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
    expect(execFileSync(process.execPath, [...options, '-e', asking]).toString()).toMatch(/^\d+\n$/);
  });

  test('ends with its store', async () => {
    const before = new Set(readers());
    const other = openSqlite({ file });
    await one.execute(other.people);
    const started = readers().filter((pid) => !before.has(pid));
    expect(started).toHaveLength(1);
    await other.close();
    await expect.poll(readers).not.toContain(started[0]);
  });

  function isZombie(pid: number): boolean {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  }
});

describe('the writing thread', () => {
  const add = ({ db }: Transaction, name: string) =>
    db.insertInto('projects').values({ name, title: null, created_at: 0 }).execute();
  const named = async (pattern: string) => {
    const rows = await store.read
      .selectFrom('projects')
      .select('name')
      .where('name', 'like', pattern)
      .execute();
    return rows.map(({ name }) => name).sort();
  };
  const threads = new Set<Worker>();
  const post = Worker.prototype.postMessage;
  beforeAll(() => {
    Worker.prototype.postMessage = function (this: Worker, ...given: Parameters<Worker['postMessage']>) {
      threads.add(this);
      return post.apply(this, given);
    };
  });
  afterAll(() => {
    Worker.prototype.postMessage = post;
  });

  test('that dies within a write takes all of it along, and the next write goes on', async () => {
    const write = (name: string) => store.write((transaction) => add(transaction, name));
    const dying = store.write(async (transaction) => {
      await add(transaction, 'dead-1');
      await [...threads].at(-1)?.terminate();
      await add(transaction, 'dead-2');
    });
    const together = await Promise.allSettled([write('dead-0'), dying, write('dead-3')]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await named('dead-%')).toEqual([]);
    await write('alive');
    expect(await named('alive')).toEqual(['alive']);
  });

  test('is not confused by what cannot be sent to it', async () => {
    const impossible = (() => 1) as unknown as string;
    expect(await outcome(store.write((transaction) => add(transaction, impossible)))).toBeInstanceOf(Error);
    expect(await store.write(async () => 'next')).toBe('next');
    await store.write((transaction) => add(transaction, 'after it'));
    expect(await named('after it')).toEqual(['after it']);
  });

  test('does not begin again after its store was closed', async () => {
    const other = openSqlite({ file });
    await other.write((transaction) => add(transaction, 'open'));
    await other.close();
    expect(await outcome(other.write((transaction) => add(transaction, 'closed')))).toMatchObject({
      code: 'unavailable',
    });
    expect(await named('closed')).toEqual([]);
  });
});
