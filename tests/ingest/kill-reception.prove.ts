import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  deskOf,
  filesOfArchive,
  receiveAndKill,
} from '../../packages/server/src/ingest/testing/killed-receptions.ts';
import { migrate, openSqlite } from '../../packages/server/src/storage/index.ts';
import { TarThreads } from '../../packages/server/src/tar/tar-threads.ts';
import { budget } from '../bed/budget.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-kill-'));
const threads = new TarThreads();
afterAll(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

/** kill -9 at random moments of a reception, each gone on with until it is published: 100 of them with the full budget. */
test('no kill leaves a half-visible bundle, or anything behind', async () => {
  const location = join(folder, 'daybook.db');
  const store = openSqlite({ file: location });
  await migrate(store);
  let kills = 0;
  let published = 0;
  for (let bundleId: number | undefined; kills < budget(6, 100); ) {
    const round = await receiveAndKill(location, folder, Math.random() * 1_500, bundleId);
    if (round.published) published += 1;
    else kills += 1;
    bundleId = round.published ? undefined : await unfinished(round.bundleId);
  }
  const rows = await store.read
    .selectFrom('bundles')
    .select('state')
    .where('state', '=', 'published')
    .execute();
  expect(rows.length).toBeGreaterThanOrEqual(published);
  const inTwoDays = { now: () => Date.now() + 10 * 86_400_000 };
  await deskOf(store, folder, threads, inTwoDays).sweep(0);
  const names = ['bundle.tar', 'manifest.json', 'receipt.json'];
  expect(filesOfArchive(folder)).toEqual(names.flatMap((name) => rows.map(() => name)));
  const members = await store.read.selectFrom('bundle_members').select('bundle_id').distinct().execute();
  expect(members).toHaveLength(rows.length);
  await store.close();

  /** What was killed after its last byte waits to be published, and is swept in the end. */
  async function unfinished(id: number): Promise<number | undefined> {
    const row = await store.read
      .selectFrom('bundles')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.state === 'receiving' ? id : undefined;
  }
});
