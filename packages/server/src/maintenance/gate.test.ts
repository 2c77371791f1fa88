import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store, Transaction } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { closeGate, enterGate, isPaused, pausedConfigurations } from './gate.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const HOUR = 3_600_000;

interface Window {
  starts: number;
  made?: number;
  ends?: number;
  ended?: number;
  configurations?: string[];
}

async function put({ db }: Transaction, window: Window): Promise<void> {
  const { starts, made = starts, ends = null, ended = null, configurations } = window;
  await db
    .insertInto('maintenance')
    .values({
      paused: 1,
      reason: 'upgrade',
      actor: 'user:ops',
      starts_at: starts,
      created_at: made,
      ends_at: ends,
      ended_at: ended,
      ended_by: null,
      configurations: configurations === undefined ? null : JSON.stringify(configurations),
    })
    .execute();
}

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  beforeAll(async () => {
    database = await newDatabase();
    store = database.open();
  });
  beforeEach(async () => {
    await store.write(async ({ db }) => {
      await db.deleteFrom('maintenance').execute();
      await db.deleteFrom('configurations').execute();
    });
  });
  const paused = (now: number) => store.write((transaction) => pausedConfigurations(transaction, now));

  describe('what is paused', () => {
    test('is nothing at first', async () => {
      expect(await paused(NOW)).toEqual({ all: false, tags: new Set(), unpausable: new Set() });
    });

    test('is everything within a window, by the clock', async () => {
      await store.write((t) => put(t, { made: NOW - HOUR, starts: NOW, ends: NOW + HOUR }));
      const all = async (now: number) => (await paused(now)).all;
      expect([await all(NOW - 1), await all(NOW), await all(NOW + HOUR - 1), await all(NOW + HOUR)]).toEqual([
        false,
        true,
        true,
        false,
      ]);
    });

    test('is seen by a process whose clock is behind, if it began at once', async () => {
      await store.write((t) => put(t, { starts: NOW }));
      expect((await paused(NOW - 5_000)).all).toBe(true);
    });

    test('is nothing after a window was ended early', async () => {
      await store.write((t) => put(t, { starts: NOW - HOUR, ended: NOW - 1, ends: NOW + HOUR }));
      expect((await paused(NOW)).all).toBe(false);
    });

    test('can be some configurations', async () => {
      await store.write((t) => put(t, { starts: NOW, configurations: ['import', 'build'] }));
      await store.write((t) => put(t, { starts: NOW, configurations: ['build', 'scan'] }));
      const found = await paused(NOW);
      expect([found.all, [...found.tags].sort()]).toEqual([false, ['build', 'import', 'scan']]);
      expect(['import', 'other', null].map((tag) => isPaused(found, tag, null))).toEqual([
        true,
        false,
        false,
      ]);
    });

    test('is never what cannot be paused', async () => {
      await store.write(async (t) => {
        await put(t, { starts: NOW });
        await t.db
          .insertInto('configurations')
          .values([
            { ...configuration('ingest'), pausable: 0 },
            { ...configuration('import'), pausable: 1 },
          ])
          .execute();
      });
      const found = await paused(NOW);
      const ids = await store.read
        .selectFrom('configurations')
        .select(['id', 'tag'])
        .orderBy('tag')
        .execute();
      expect(ids.map(({ id, tag }) => [tag, isPaused(found, tag, id)])).toEqual([
        ['import', true],
        ['ingest', false],
      ]);
    });
  });

  // SQLite has one writer: there is nothing to wait for.
  test.runIf(engine === 'postgres')(
    'a pause waits for claims under way; later ones wait for it',
    async () => {
      const other = database.open();
      const story: string[] = [];
      const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
      const { promise: inside, resolve: entered } = Promise.withResolvers<void>();
      const claim = store.write(async (t) => {
        await enterGate(t);
        entered();
        await mayCommit;
        story.push('claimed');
      });
      await inside;
      const pause = other.write(async (t) => {
        await closeGate(other.profile, t);
        await put(t, { starts: NOW });
        story.push('paused');
      });
      await waiting(store, 1);
      const late = store.write(async (t) => {
        await enterGate(t);
        const { all } = await pausedConfigurations(t, NOW);
        story.push(`late claim sees the pause: ${all}`);
      });
      await waiting(store, 2);
      commit();
      await Promise.all([claim, pause, late]);
      expect(story).toEqual(['claimed', 'paused', 'late claim sees the pause: true']);
    },
  );
});

const configuration = (tag: string) => ({
  provider_id: 0,
  tag,
  name: tag,
  version: '1',
  steps: '[]',
  created_at: NOW,
  created_by: null,
});

/** Resolves when so many transactions of this database wait for the gate. */
async function waiting(store: Store, wanted: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM pg_locks JOIN pg_database
      ON pg_database.oid = pg_locks.database WHERE datname = current_database() AND locktype = 'advisory'
      AND NOT granted`.execute(store.read);
    if (Number(rows[0]?.count) >= wanted) return;
  }
}
