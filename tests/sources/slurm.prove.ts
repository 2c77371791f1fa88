import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RealSlurm } from './real-slurm.ts';
import { missingPrograms, tally, WatchedJobs } from './watched-jobs.ts';

const missing = await missingPrograms('slurmctld', 'slurmd', 'squeue', 'sbatch');
const why = missing.length > 0 ? ` (skipped: ${missing.join(', ')} not installed)` : '';

/** 200 jobs by name: how many, and how each of them has to end. */
const expected = {
  'ok: succeeded': 95,
  'bad: failed': 45,
  'canceled: canceled': 15,
  'stopped: canceled': 10,
  'late: failed': 4,
  'array: succeeded': 16,
  'after: succeeded': 5,
  'never: queued': 5,
  'held: queued': 5,
};

describe.skipIf(missing.length > 0)(`real Slurm${why}`, () => {
  let slurm: RealSlurm;
  let watched: WatchedJobs;

  beforeAll(async () => {
    slurm = await RealSlurm.start();
    const settings = { configuration: slurm.configuration, jobcomp: slurm.jobcomp, interval: 15 };
    watched = await WatchedJobs.open({ kind: 'slurm', settings, programs: ['squeue', 'scontrol', 'sacct'] });
  });
  afterAll(async () => {
    await watched?.remove();
    await slurm?.stop();
  });

  test('200 jobs while the poller is killed 20 times: none missing, none double, none wrong', async () => {
    let submitting = true;
    const submitted = submitAll(slurm).finally(() => {
      submitting = false;
    });
    for (let kills = 0; kills < 20 || submitting; kills += 1) await watched.killed();
    await submitted;
    const begin = Date.now() / 1_000;
    await watched.start(15_000);
    await expect
      .poll(async () => tally(await watched.jobs()), { timeout: 300_000, interval: 2_000 })
      .toEqual(expected);
    const jobs = await watched.jobs();
    expect(new Set(jobs.map(({ externalId }) => externalId)).size).toBe(200);
    expect(await watched.error()).toBeNull();
    // One minute after the other, from the last start on.
    const calls = watched.calls().filter((at) => at >= begin);
    for (const at of calls)
      expect(calls.filter((other) => other > at - 60 && other <= at).length).toBeLessThanOrEqual(4);
  });
});

async function submitAll(slurm: RealSlurm): Promise<void> {
  for (let i = 0; i < 4; i += 1) await slurm.submit('late', 'sleep 600', '-t', '1');
  await slurm.submit('array', 'sleep 1', '-a', '1-16');
  for (let i = 0; i < 5; i += 1) await slurm.submit('held', 'true', '-H');
  const running: string[] = [];
  for (let i = 0; i < 10; i += 1) running.push(await slurm.submit('stopped', 'sleep 600'));
  const waiting: string[] = [];
  for (let i = 0; i < 90; i += 1) {
    await slurm.submit('ok', i % 3 === 0 ? 'sleep 1' : 'true');
    if (i < 15) waiting.push(await slurm.submit('canceled', 'true', '-H'));
    if (i < 40) await slurm.submit('bad', 'exit 3');
    if (i < 5) await slurm.submit('after', 'true', '-d', `afterok:${await slurm.submit('ok', 'true')}`);
    if (i < 5) await slurm.submit('never', 'true', '-d', `afterok:${await slurm.submit('bad', 'exit 4')}`);
  }
  await slurm.run('scancel', ...waiting);
  // One that waits for a processor yet would be canceled, too, but it is to be stopped while it runs.
  for (const id of running) {
    while (!(await slurm.run('squeue', '-h', '-j', id, '-o', '%T')).includes('RUNNING'));
    await slurm.run('scancel', id);
  }
}
