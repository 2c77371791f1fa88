import { type JobSort, jobListQuerySchema } from '@daybook/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { listJobs } from '../jobs/list-jobs.ts';
import { diaryOn } from '../jobs/testing/diary.ts';
import { migrate, SchemaTooNewError } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { type Migration, migrationSql } from './migrations/migration.ts';
import { forEachEngine } from './testing/engines.ts';
import { message, startProcess } from './testing/processes.ts';

const all = migrations.map(({ name }) => name);

test('migrations are numbered from 1 without gaps', () => {
  expect(migrations.map(({ version }) => version)).toEqual(all.map((_, i) => i + 1));
});

test('a word that an engine has no spelling for is refused', () => {
  const slip = { version: 1, name: 'slip', statements: ['CREATE TABLE t (id {serial})'] };
  expect(() => migrationSql(slip, 'sqlite')).toThrow('{serial}');
});

forEachEngine((_engine, newDatabase) => {
  test('run once, and are done the second time', async () => {
    const store = (await newDatabase('blank')).open();
    expect(await migrate(store)).toEqual(all);
    expect(await migrate(store)).toEqual([]);
  });

  test('run once though several processes start at the same moment', async () => {
    const { location, open } = await newDatabase('blank');
    const processes = await Promise.all(
      Array.from({ length: 4 }, () => startProcess('./migrating-process.ts', location)),
    );
    const applied = processes.map(message);
    for (const each of processes) each.send('go');
    // Each applies what it comes first to.
    expect((await Promise.all(applied)).flat().sort()).toEqual(all.toSorted());
    expect(await migrate(open())).toEqual([]);
  }, 60_000);

  test('put the jobs that are there already in order', async () => {
    const store = (await newDatabase('blank')).open();
    const run = (some: readonly Migration[]) =>
      store.write(async ({ db }) => {
        for (const migration of some)
          for (const text of migrationSql(migration, store.profile.name)) await sql.raw(text).execute(db);
      });
    await run(migrations.filter(({ version }) => version < 17));
    // Written by hand: the code of today may know columns that this schema has not.
    await store.write(({ db }) =>
      sql`INSERT INTO jobs (name, user_name, project, source, external_at, provider_id, execution, kind, open_steps, status,
          progress, stalled, attempt, max_attempts, priority, analysis_status, version, submitted_at, created_at, updated_at, seen_at)
        SELECT said.*, '', 0, 0, 'reported', 'other', 0, 'running', 0, 0, 1, 1, 0, 'open', 1, 0, 0, 0, 0
        FROM (VALUES ('b', 'u', NULL), ('a', NULL, NULL), ('c', NULL, 'p')) AS said`.execute(db),
    );
    await run(migrations.filter(({ version }) => version >= 17));
    const diary = diaryOn(store);
    await diary.create({ name: 'aa', user: 't', project: 'o' });
    const listed = async (sort: JobSort) => {
      const { items } = await listJobs(store, diary.admin.scope, jobListQuerySchema.parse({ sort }));
      return items.map(({ name }) => name);
    };
    expect(await listed('name')).toEqual(['a', 'aa', 'b', 'c']);
    expect(await listed('user')).toEqual(['a', 'c', 'aa', 'b']);
    expect(await listed('project')).toEqual(['b', 'a', 'aa', 'c']);
  });

  test('leave a database of a newer Daybook alone', async () => {
    const store = (await newDatabase()).open();
    await store.write(({ db }) =>
      sql`INSERT INTO schema_migrations (version, name, applied_at) VALUES (99999, 'tomorrow', 0)`.execute(
        db,
      ),
    );
    await expect(migrate(store)).rejects.toThrow(SchemaTooNewError);
  });

  test('of which one fails leave nothing of it', async () => {
    const store = (await newDatabase('blank')).open();
    await store.write(({ db }) => sql`CREATE TABLE counters (theirs INTEGER)`.execute(db));
    await expect(migrate(store)).rejects.toThrow(/counters/);
    await store.write(({ db }) => sql`DROP TABLE counters`.execute(db));
    expect(await migrate(store)).toEqual(all);
  });
});
