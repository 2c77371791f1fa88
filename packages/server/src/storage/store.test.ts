import { DaybookError } from '@daybook/core';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BulkRead, BulkWrite } from './bulk.ts';
import type { Store, Transaction } from './store.ts';
import { forEachEngine, type TestDatabase } from './testing/engines.ts';

const projects: BulkWrite = {
  name: 'test_projects',
  table: 'projects',
  mode: 'upsert',
  key: ['name'],
  columns: { name: 'text', title: 'text', created_at: 'int' },
};
const moveProjects: BulkWrite = {
  name: 'test_move_projects',
  table: 'projects',
  mode: 'update',
  key: ['name'],
  // Not in the order of the table's columns, nor the key first.
  columns: { created_at: 'int', name: 'text' },
};
const readProjects: BulkRead = {
  name: 'test_read_projects',
  table: 'projects',
  key: { name: 'text' },
  columns: ['name', 'title', 'created_at'],
  orderBy: 'name',
};

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  beforeAll(async () => {
    database = await newDatabase();
    store = database.open();
  });

  const add = (name: string) => (transaction: Transaction) =>
    transaction.db.insertInto('projects').values({ name, title: null, created_at: 1 }).execute();
  const names = async (prefix: string, from = store) =>
    (await from.read.selectFrom('projects').select('name').where('name', 'like', `${prefix}%`).execute())
      .map((row) => row.name)
      .sort();
  const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

  describe('writes', () => {
    test('answer what their work answers, once it is stored for all to see', async () => {
      const other = database.open();
      expect(await store.write((transaction) => add('seen')(transaction).then(() => 7))).toBe(7);
      expect(await names('seen', other)).toEqual(['seen']);
    });

    test.runIf(engine === 'postgres')('end with their connection, and the next ones work', async () => {
      const lost = database.open();
      const pid = sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`;
      const cut = async (db: Transaction['db']) => {
        const [backend] = (await pid.execute(db)).rows;
        await sql`SELECT pg_terminate_backend(${backend?.pid})`.execute(store.read);
        // Nobody waits for an answer just now who could be told of it.
        const left = sql`SELECT 1 FROM pg_stat_activity WHERE pid = ${backend?.pid}`;
        await expect.poll(async () => (await left.execute(store.read)).rows).toEqual([]);
      };
      const write = lost.write(async (transaction) => {
        await cut(transaction.db);
        await add('lost')(transaction);
      });
      const read = lost.snapshot(async (db) => {
        await cut(db);
        await pid.execute(db);
      });
      const ends = await Promise.all([outcome(write), outcome(read)]);
      for (const end of ends) expect(end).toBeInstanceOf(Error);
      await lost.write(add('found'));
      expect(await names('found', lost)).toEqual(['found']);
      expect(await names('lost', lost)).toEqual([]);
    });

    test('that fail take back all of theirs and nothing of the others', async () => {
      const writes = Array.from({ length: 40 }, (_, i) =>
        outcome(
          store.write(async (transaction) => {
            await add(`mixed-${i}`)(transaction);
            if (i % 3 === 0) throw new DaybookError('conflict', String(i));
            if (i % 6 === 1) await add(`mixed-${i}`)(transaction);
            // Refused only when it is sent: the work itself sees nothing of it.
            if (i % 6 === 4) await transaction.write(projects, [[`mixed-${i}-more`, null, null]]);
            return i;
          }),
        ),
      );
      const outcomes = await Promise.all(writes);
      outcomes.forEach((each, i) => {
        if (i % 3 === 0) expect(each).toMatchObject({ code: 'conflict', message: String(i) });
        else if (i % 3 === 1) expect(each).toBeInstanceOf(Error);
        else expect(each).toBe(i);
      });
      const stored = Array.from({ length: 40 }, (_, i) => i).filter((i) => i % 3 === 2);
      expect(await names('mixed-')).toEqual(stored.map((i) => `mixed-${i}`).sort());
    });

    test('that number facts and then fail leave those beside them alone', async () => {
      const failing = store.write(async (transaction) => {
        await transaction.eventIds(3);
        await add('numbered')(transaction);
        throw new DaybookError('conflict');
      });
      const [failed, fine] = await Promise.all([outcome(failing), outcome(store.write(add('unnumbered')))]);
      expect(failed).toMatchObject({ code: 'conflict' });
      expect(fine).not.toBeInstanceOf(Error);
      expect(await names('%numbered')).toEqual(['unnumbered']);
    });

    test('are not seen before they are stored', async () => {
      const written = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      const write = store.write(async (transaction) => {
        await add('open')(transaction);
        written.resolve();
        await gate.promise;
      });
      await written.promise;
      for (const reads of [store.read, store.people, store.bulk])
        expect(
          await reads.selectFrom('projects').select('name').where('name', '=', 'open').execute(),
        ).toEqual([]);
      gate.resolve();
      await write;
      for (const reads of [store.read, store.people, store.bulk])
        expect(
          await reads.selectFrom('projects').select('name').where('name', '=', 'open').execute(),
        ).toHaveLength(1);
    });

    test('fail when their commit fails, and store nothing', async () => {
      await store.write(async ({ db }) => {
        await sql`CREATE TABLE parents (id INTEGER PRIMARY KEY)`.execute(db);
        await sql`CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)`.execute(
          db,
        );
      });
      const orphan = (transaction: Transaction) =>
        sql`INSERT INTO children (parent) VALUES (1)`
          .execute(transaction.db)
          .then(() => add('orphan')(transaction));
      const [innocent, guilty] = await Promise.all([
        outcome(store.write(add('innocent'))),
        outcome(store.write(orphan)),
      ]);
      expect(guilty).toBeInstanceOf(Error);
      expect(await names('orphan')).toEqual([]);
      // SQLite: one commit for both. Whoever was told that it failed must find nothing.
      expect(await names('innocent')).toEqual(innocent instanceof Error ? [] : ['innocent']);
      await store.write(add('after'));
      expect(await names('after')).toEqual(['after']);
    });

    test('that swallow the error of a statement are not taken for done', async () => {
      const swallowing = async (transaction: Transaction) => {
        await add('swallowed')(transaction);
        await outcome(add('swallowed')(transaction));
      };
      const answered = await outcome(store.write(swallowing));
      expect(await names('swallowed')).toEqual(answered instanceof Error ? [] : ['swallowed']);
    });
  });

  describe('bulk statements', () => {
    test('go on when a newer Daybook has added a column to what they have read often', async () => {
      const look = () => store.write(({ db }) => db.selectFrom('duties').selectAll().execute());
      for (let times = 0; times < 3; times++) await look();
      await database.open().write(({ db }) => sql`ALTER TABLE duties ADD COLUMN later TEXT`.execute(db));
      expect(await look()).toEqual([]);
    });

    test('write and find rows whatever is in them', async () => {
      const odd = [`bulk '";--`, 'bulk {1,"2",NULL}', 'bulk \\ ü 字 🚀', 'bulk \t\n', 'bulk null'];
      await store.write(async (transaction) => {
        await transaction.write(
          projects,
          odd.map((name, i) => [name, i % 2 ? null : `${name}!`, i]),
        );
        await transaction.write(projects, [[odd[1] as string, 'again', 2 ** 53 - 1]]);
        await transaction.write(moveProjects, [[-5, odd[0] as string]]);
        await transaction.write(projects, []);
      });
      const found = await store.write(async (transaction) =>
        transaction.read(
          readProjects,
          [...odd, 'bulk unknown'].map((name) => [name]),
        ),
      );
      expect(found).toHaveLength(odd.length);
      expect(found).toEqual(
        expect.arrayContaining([
          { name: odd[0], title: `${odd[0]}!`, created_at: -5 },
          { name: odd[1], title: 'again', created_at: 2 ** 53 - 1 },
          { name: odd[2], title: `${odd[2]}!`, created_at: 2 },
          { name: odd[3], title: null, created_at: 3 },
        ]),
      );
      expect(await store.write(async (transaction) => transaction.read(readProjects, []))).toEqual([]);
    });

    test('JSON comes back as its text', async () => {
      const text = JSON.stringify([{ tag: 'a"\\', points: 0.1 }]);
      const row = { provider_id: 0, tag: 'json', name: 'j', version: '1', created_at: 1, created_by: null };
      await store.write(({ db }) =>
        db
          .insertInto('configurations')
          .values({ ...row, steps: text })
          .execute(),
      );
      const stored = await store.read
        .selectFrom('configurations')
        .select(['steps', 'created_at'])
        .executeTakeFirst();
      expect(JSON.parse(stored?.steps ?? '')).toEqual(JSON.parse(text));
      expect(stored?.created_at).toBe(1);
    });
  });

  test('event ids ascend, and nobody gets the same', async () => {
    const taken = await Promise.all(
      [3, 1, 0, 500].map((count) => store.write(async (t) => t.eventIds(count))),
    );
    expect(taken.map((ids) => ids.length)).toEqual([3, 1, 0, 500]);
    for (const ids of taken) expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(taken.flat()).size).toBe(504);
    const [later] = await store.write(async (t) => t.eventIds(1));
    expect(later).toBeGreaterThan(Math.max(...taken.flat()));
  });

  describe('news of facts', () => {
    test('reach every listener after the commit, until it stops', async () => {
      const other = engine === 'postgres' ? database.open() : store;
      const heard: string[] = [];
      const seen = Promise.withResolvers<string[]>();
      const stop = other.onFacts(() => {
        heard.push('first');
        void names('announced', other).then((found) => found.length > 0 && seen.resolve(found));
      });
      await store.write(async (transaction) => {
        await add('announced')(transaction);
        await store.announceFacts(transaction);
      });
      expect(await seen.promise).toEqual(['announced']);
      stop();
      const before = heard.length;
      const again = Promise.withResolvers<void>();
      const stopAgain = other.onFacts(again.resolve);
      await store.write(async (transaction) => store.announceFacts(transaction));
      await again.promise;
      stopAgain();
      expect(heard).toHaveLength(before);
    });

    test('a write without any wakes nobody, nor does one that failed', async () => {
      if (engine === 'postgres') return; // its listeners are called once in a while anyway
      let calls = 0;
      const stop = store.onFacts(() => calls++);
      await store.write(add('quiet'));
      expect(calls).toBe(0);
      await store.write(async (transaction) => store.announceFacts(transaction));
      expect(calls).toBe(1);
      stop();
    });
  });

  describe('long reads', () => {
    const endless =
      engine === 'sqlite'
        ? sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) SELECT count(*) FROM n`
        : sql`SELECT pg_sleep(600)`;
    const one = sql<{ one: number }>`SELECT 1 AS one`;
    const timedOut = (error: unknown) =>
      error instanceof DaybookError
        ? error.code === 'query_timeout'
        : (error as { code?: string }).code === '57014';

    test('are stopped when they take too long, and the next ones work', async () => {
      const impatient = database.open({ readTimeoutMs: 3_000 });
      const [stopped, behind] = await Promise.all([
        outcome(endless.execute(impatient.people)),
        outcome(one.execute(impatient.people)),
      ]);
      expect(timedOut(stopped)).toBe(true);
      expect(behind).toMatchObject({ rows: [{ one: 1 }] });
      expect((await one.execute(impatient.people)).rows).toEqual([{ one: 1 }]);
    });

    test('do not hold up those in bulk, nor writes', async () => {
      const busy = database.open({ readTimeoutMs: 3_000 });
      const long = outcome(endless.execute(busy.people));
      expect((await one.execute(busy.bulk)).rows).toEqual([{ one: 1 }]);
      await busy.write(add('meanwhile'));
      expect(timedOut(await long)).toBe(true);
    });

    test('say what is wrong with them', async () => {
      await expect(sql`SELECT missing FROM nowhere`.execute(store.people)).rejects.toThrow(/nowhere/);
      expect((await one.execute(store.people)).rows).toEqual([{ one: 1 }]);
    });

    test('end with the store', async () => {
      const closing = database.open();
      await one.execute(closing.people);
      const waiting = [endless, endless].map((each) => outcome(each.execute(closing.people)));
      for (let turn = 0; turn < 5; turn++) await one.execute(closing.read);
      await closing.close();
      for (const each of waiting) expect(await each).toBeInstanceOf(Error);
      await expect(one.execute(closing.people)).rejects.toThrow();
    });
  });

  test('answers whether it can be reached', async () => {
    await store.ping();
    const closed = database.open();
    await closed.close();
    await expect(closed.ping()).rejects.toThrow();
  });
});
