import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schedulerKinds } from '../../packages/server/src/sources/scheduler/kinds.ts';
import { watchtowerOn } from '../../packages/server/src/sources/testing/watchtower.ts';
import { migrate, openSqlite } from '../../packages/server/src/storage/index.ts';
import { budget } from '../bed/budget.ts';
import { makeRunFolder } from '../bed/run-folder.ts';

const JOBS = budget(3_000, 10_000);
/** Milliseconds from the beginning of a look, which asks the scheduler first, to its end, when all is in the diary. */
const MOST = 2_000;

test(`of ${JOBS} jobs 100 change between two looks: they are in the diary within ${MOST / 1_000} s`, async () => {
  const folder = await makeRunFolder('latency');
  const store = openSqlite({ file: join(folder.path, 'daybook.sqlite') });
  try {
    await migrate(store);
    const tower = watchtowerOn(store, (clock) => schedulerKinds({ clock, programs: [folder.path] }));
    const submittedAt = new Date(tower.clock.now()).toISOString();
    const jobs = Array.from({ length: JOBS }, (_, i) => ({ externalId: `${i}`, status: 'queued' }));
    const program = join(folder.path, 'tell-jobs');
    writeFileSync(program, '#!/bin/sh\ncat "$0.out"\n');
    chmodSync(program, 0o755);
    const look = async () => {
      const lines = jobs.map((job) => JSON.stringify({ ...job, name: 'deck', submittedAt }));
      writeFileSync(`${program}.out`, `${lines.join('\n')}\n`);
      tower.clock.pass(20_000);
      const begin = performance.now();
      await tower.poller.poll(source);
      return performance.now() - begin;
    };
    const source = await tower.add('cluster', 'command', { program: 'tell-jobs', patience: 600 });
    await look();
    const took: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const changing = jobs.slice(n * 100, n * 100 + 100);
      for (const job of changing) job.status = 'running';
      took.push(await look());
      const running = await store.read
        .selectFrom('jobs')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('status', '=', 'running')
        .executeTakeFirstOrThrow();
      expect(Number(running.count)).toBe((n + 1) * 100);
    }
    // One of ten may fall on a moment when the machine does something else.
    const [, second = 0] = took.toSorted((a, b) => b - a);
    expect(second).toBeLessThanOrEqual(MOST);
  } finally {
    await store.close();
    await folder.remove();
  }
});
