import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../storage/index.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { schedulerKinds } from '../scheduler/kinds.ts';
import { GRACE } from '../scheduler/scheduler-source.ts';
import { FakePrograms } from '../testing/fake-programs.ts';
import { sample } from '../testing/scheduler-samples.ts';
import { type Watchtower, watchtowerOn } from '../testing/watchtower.ts';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let tower: Watchtower;
  const programs = new FakePrograms();

  beforeAll(async () => {
    store = (await newDatabase()).open();
    tower = watchtowerOn(store, (clock) => schedulerKinds({ clock, programs: [programs.folder] }));
  });
  afterAll(() => programs.remove());

  async function look(source: number, ...lines: object[]): Promise<void> {
    tower.clock.pass(30_000);
    programs.prints('tell-jobs', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await tower.poller.poll(source);
  }

  test('any program that prints what it knows', async () => {
    const source = await tower.add('lab', 'command', { program: 'tell-jobs', args: ['--all'], interval: 30 });
    const job = {
      externalId: 'A-1',
      name: 'anneal',
      user: 'doea',
      steps: [{ tag: 'heat' }, { tag: 'hold' }],
    };
    await look(source, { ...job, status: 'queued', waiting: 'the oven is in use' });
    await look(source, {
      ...job,
      status: 'running',
      steps: [
        { tag: 'heat', status: 'succeeded' },
        { tag: 'hold', percent: 50 },
      ],
    });
    expect((await tower.jobs('lab')).get('A-1')).toMatchObject({
      status: 'running',
      progress: 75,
      user: 'doea',
    });
    await look(
      source,
      { ...job, status: 'failed', errors: ['The oven broke.'] },
      { externalId: 'A-2', status: 'running' },
    );
    expect((await tower.jobs('lab')).get('A-1')).toMatchObject({
      status: 'failed',
      error: 'The oven broke.',
    });
    // One line had no name.
    expect((await tower.source(source)).problems).toBe(1);
    await look(source);
    expect((await tower.source(source)).problems).toBe(0);
    expect(programs.calls('tell-jobs')[0]).toBe('--all');
  });

  test('a program of PATH is none of those that may be started, and a path is no name', async () => {
    const source = await tower.add('shell', 'command', { program: 'sh', args: ['-c', 'true'] });
    await tower.poller.poll(source);
    expect((await tower.source(source)).error).toMatchObject({
      code: 'source.error.programMissing',
      detail: expect.stringMatching(/^sh: looked for in \//),
    });
    await expect(tower.add('path', 'command', { program: '../sh' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test('programs print in the zone in which we read', async () => {
    const file = join(programs.folder, 'tell-zone');
    writeFileSync(
      file,
      `#!/bin/sh\necho "{\\"externalId\\": \\"1\\", \\"name\\": \\"$TZ\\", \\"status\\": \\"running\\"}"\n`,
    );
    chmodSync(file, 0o755);
    const settings = { program: 'tell-zone', timeZone: 'Asia/Kathmandu', interval: '30s' };
    await tower.poller.poll(await tower.add('zone', 'command', settings));
    expect((await tower.jobs('zone')).get('1')?.name).toBe('Asia/Kathmandu');
  });

  test('PBS: what it told stays, what it forgot is unknown in the end, and options that it refuses are left out', async () => {
    const source = await tower.add('pbs', 'pbs', { timeZone: 'UTC', interval: 30 });
    tower.clock.pass(Date.parse('2026-11-22T01:00:00Z') - tower.clock.now());
    programs.refusesOptions('qstat', '-F', sample('pbs', 'torque.txt'));
    await tower.poller.poll(source);
    const statuses = async () =>
      Object.fromEntries([...(await tower.jobs('pbs'))].map(([id, { status }]) => [id, status]));
    expect(await statuses()).toEqual({ 201: 'succeeded', 202: 'other', 203: 'queued' });
    programs.prints('qstat', '');
    for (let i = 0; i < 3; i += 1) {
      tower.clock.pass(GRACE / 2 + 1);
      await tower.poller.poll(source);
    }
    expect(await statuses()).toEqual({ 201: 'succeeded', 202: 'other', 203: 'unknown' });
  });
});
