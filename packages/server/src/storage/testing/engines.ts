import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, inject } from 'vitest';
import { createDatabase, dropDatabase } from '../../../../../tests/bed/postgres.ts';
import { migrate, type Store } from '../index.ts';
import type { EngineName } from '../migrations/migration.ts';
import { type OpenOptions, openAt } from './open-at.ts';

/** A database of a test's own: open it as often as processes would. */
export interface TestDatabase {
  /** Opens it once more, as another process does. Closed after the tests, if not before. */
  open(options?: OpenOptions): Store;
  /** For processes: the path of SQLite's file, or PostgreSQL's address. */
  readonly location: string;
}

/**
 * Runs the tests on both engines. `newDatabase` makes an empty, migrated database; call it in `beforeAll` or in a test.
 * `'blank'` leaves the schema out.
 *
 * @example
 * forEachEngine((_engine, newDatabase) => {
 *   let store: Store;
 *   beforeAll(async () => {
 *     store = (await newDatabase()).open();
 *   });
 *   test(…)
 * });
 */
export function forEachEngine(
  tests: (engine: EngineName, newDatabase: (schema?: 'blank') => Promise<TestDatabase>) => void,
): void {
  describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
    const cleanups: (() => Promise<void>)[] = [];
    afterAll(async () => {
      for (const cleanup of cleanups.reverse()) await cleanup();
      // Databases are dropped one by one, and the machine may be busy.
    }, 60_000);
    tests(engine, async (schema) => {
      const place = engine === 'sqlite' ? sqlitePlace() : await postgresPlace();
      cleanups.push(place.remove);
      const { location } = place;
      const open = (options?: OpenOptions) => {
        const store = closedOnce(openAt(location, options));
        cleanups.push(() => store.close());
        return store;
      };
      if (schema !== 'blank') await migrate(open());
      return { open, location };
    });
  });
}

interface Place {
  readonly location: string;
  remove(): Promise<void>;
}

function sqlitePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-store-'));
  return {
    location: join(folder, 'daybook.db'),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function postgresPlace(): Promise<Place> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = await createDatabase(inject('postgresUrl'), name);
  return {
    location: url,
    remove: () => dropDatabase(inject('postgresUrl'), name),
  };
}

/** A test may close its store to look at what is left; the cleanup must not mind. */
function closedOnce(store: Store): Store {
  let closing: Promise<void> | undefined;
  return { ...store, close: () => (closing ??= store.close()) };
}
