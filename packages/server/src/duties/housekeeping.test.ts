import type { Share } from '@daybook/core';
import { beforeAll, expect, test } from 'vitest';
import { invite } from '../access/invitations.ts';
import { providerNamed } from '../access/providers.ts';
import { TestClock } from '../access/testing/test-clock.ts';
import { actorOf, type Diary, diaryOn } from '../jobs/testing/diary.ts';
import { revokeShare, shareJob } from '../shares/shares.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { tidyUp } from './housekeeping.ts';

const DAY = 24 * 60 * 60_000;

forEachEngine((_engine, newDatabase) => {
  const clock = new TestClock();
  const admin = actorOf();
  let store: Store;
  let diary: Diary;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    diary = diaryOn(store, clock);
  });

  const tidy = (passed: number) => {
    clock.pass(passed);
    return tidyUp(store, clock).run(new AbortController().signal);
  };
  const left = async (table: 'shares' | 'invitations') =>
    (await store.read.selectFrom(table).select('note').orderBy('id').execute()).map(({ note }) => note);

  test('links and invitations are kept for thirty days after they were good for anything', async () => {
    const { id: jobId } = await diary.create();
    const share = async (note: string, days: number): Promise<Share> =>
      (await shareJob(store, clock, admin, { jobId, note, expiresAt: clock.now() + days * DAY })).share;
    const revoked = await share('revoked', 90);
    await share('short', 1);
    await share('long', 90);
    await revokeShare(store, clock, admin, revoked.id);
    await store.write((transaction) => providerNamed(transaction, 'acme', clock.now()));
    for (const [note, days] of [
      ['brief', 1],
      ['patient', 80],
    ] as const) {
      const expiresAt = clock.now() + days * DAY;
      await invite(store, clock, admin, { role: 'customer', provider: 'acme', note, expiresAt });
    }
    await tidy(29 * DAY);
    expect(await left('shares')).toEqual(['revoked', 'short', 'long']);
    expect(await left('invitations')).toEqual(['brief', 'patient']);
    await tidy(3 * DAY);
    expect(await left('shares')).toEqual(['long']);
    expect(await left('invitations')).toEqual(['patient']);
  });

  test('what was foretold is kept for a year after the job, and as long as the job runs', async () => {
    const jobs = await diary.createMany([{ status: 'running' }, { status: 'running' }]);
    const [over, running] = jobs.map(({ id }) => id) as [number, number];
    await diary.report(over, { kind: 'status', status: 'succeeded' });
    await store.write(({ db }) =>
      db
        .insertInto('estimates')
        .values([over, running].map((job_id) => ({ job_id, attempt: 1, percent: 50, end_at: 0 })))
        .execute(),
    );
    const known = async () =>
      (await store.read.selectFrom('estimates').select('job_id').orderBy('job_id').execute()).map(
        ({ job_id }) => job_id,
      );
    await tidy(364 * DAY);
    expect(await known()).toEqual([over, running]);
    await tidy(2 * DAY);
    expect(await known()).toEqual([running]);
  });
});
