import { expect, test } from 'vitest';
import { furnish } from '../../app.ts';
import { systemClock } from '../../clock.ts';
import { actorOf, diaryOn } from '../../jobs/testing/diary.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { nobodyKnown } from './creator.ts';
import { NewJobs } from './new-jobs.ts';

/* What else becomes of new jobs is in microdata-routes.test.ts, and in tests/microdata. */

forEachEngine((_engine, newDatabase) => {
  test('which job holds a target is said only to those who may see that job', async () => {
    const store = (await newDatabase()).open();
    await furnish(store, systemClock);
    const diary = diaryOn(store);
    const jobs = new NewJobs(diary.jobs, { operations: ['ADD'], bumpEnabled: false });
    const held = await diary.create({ target: 'INCOME', project: 'secret' });
    const offer = (actor = diary.admin) =>
      jobs.create(actor, nobodyKnown, [{ operation: 'ADD', target: 'INCOME' }]);
    expect(await offer()).toEqual([
      { status: 'FAILED', msg: `Job ${held.id} for INCOME is already in progress` },
    ]);
    const stranger = actorOf({ role: 'editor', name: 'stranger' }, { projects: ['other'] });
    expect(await offer(stranger)).toEqual([
      { status: 'FAILED', msg: 'Another job for INCOME is already in progress' },
    ]);
  });
});
