import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, Diary, printed } from './diary.ts';

let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

describe('without a server, daybook run', () => {
  it('runs the command, says so in one line, and the record follows by daybook sync, once', async () => {
    await diary.stop();
    const run = await diary.daybook(
      'run',
      '--name',
      'offline',
      '--',
      'sh',
      '-c',
      'echo one; echo two; exit 4',
    );
    expect(run).toMatchObject({ code: 4, stdout: 'one\ntwo\n' });
    expect(run.stderr).toMatch(
      /^daybook: no server at \S+; the command runs all the same, send its record later with: daybook sync\n$/,
    );
    expect(await diary.daybook('sync')).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('start one with: npm start'),
    });
    await diary.start();
    expect(await diary.daybook('sync')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^job \d+ {2}offline {2}4 events delivered\n$/),
    });
    expect(await diary.daybook('sync')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^nothing waits/),
    });
    const job = await diary.job('offline');
    expect(job).toMatchObject({ status: 'failed', error: 'exit code 4' });
    expect(await diary.log(job)).toEqual(['one', 'two']);
    const { items } = await diary.get<{ items: { name: string }[] }>('/jobs?limit=500');
    expect(items.filter(({ name }) => name === 'offline')).toHaveLength(1);
  });

  it('keeps the end of a job on a full disk, and says what is lost', async () => {
    await diary.stop();
    // A limit of 20 KiB per file stands for the disk.
    const limited = 'ulimit -f 20; exec "$0" "$@"';
    const words = ['run', '--name', 'full disk', '--', 'sh', '-c', 'seq 1 20000; exit 3'];
    const run = spawnSync('bash', ['-c', limited, process.execPath, command, ...words], {
      env: diary.env,
      encoding: 'utf8',
    });
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/20000 log lines and events were neither .* lost/);
    await diary.start();
    expect(await diary.daybook('sync')).toMatchObject({ code: 0 });
    expect(await diary.job('full disk')).toMatchObject({ status: 'failed', error: 'exit code 3' });
  });

  it('does the same with a key that is not known', async () => {
    const run = await diary.daybookWith(
      { env: { DAYBOOK_API_KEY: 'dbk_wrong' } },
      'run',
      '--name',
      'wrong key',
      'echo',
      'ran',
    );
    expect(run).toMatchObject({ code: 0, stdout: 'ran\n' });
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(await diary.daybook('sync')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('wrong key'),
    });
  });

  it('waits no more than two seconds for one that hangs', async () => {
    const hanging = createServer(() => {});
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    const started = performance.now();
    const run = await diary.daybookWith(
      { env: { DAYBOOK_URL: url } },
      'run',
      '--name',
      'hanging',
      '--',
      'echo',
      'ran',
    );
    const took = performance.now() - started;
    hanging.closeAllConnections();
    hanging.close();
    expect(run).toMatchObject({ code: 0, stdout: 'ran\n', stderr: expect.stringContaining('daybook sync') });
    // Two seconds, and the start of a process on a machine that is busy; a request has half a minute by itself.
    expect(took).toBeLessThan(20_000);
    expect(await diary.daybook('sync')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`is meant for ${url}`),
    });
    expect((await diary.daybook('sync', '--any-server')).code).toBe(0);
  });

  it('does not count the wait for a target as time of the command', async () => {
    const hanging = createServer(() => {});
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const env = { DAYBOOK_URL: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}` };
    await diary.daybookWith({ env }, 'run', '--name', 'waited', '--target', 'disk', '--', 'true');
    hanging.closeAllConnections();
    hanging.close();
    expect((await diary.daybook('sync', '--any-server')).code).toBe(0);
    const { submittedAt, startedAt, status } = await diary.job('waited');
    expect(status).toBe('succeeded');
    // Two seconds less what timers are early.
    expect(Date.parse(String(startedAt)) - Date.parse(submittedAt)).toBeGreaterThan(1_900);
  });

  it('keeps the record when the command line itself is killed', async () => {
    await diary.stop();
    const child = diary.spawn({}, 'run', '--name', 'kill -9', '--', 'sh', '-c', 'echo ready; exec sleep 2');
    await printed(child, 'ready');
    // Lines are on disk a tenth of a second after they were printed.
    const journal = join(diary.spool, readdirSync(diary.spool).find((name) => name.endsWith('.jsonl')) ?? '');
    while (!readFileSync(journal, 'utf8').includes('"message":"ready"'))
      await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await diary.start();
    expect((await diary.daybook('sync')).code).toBe(0);
    const job = await diary.job('kill -9');
    expect(job.status).toBe('running');
    expect(await diary.log(job)).toEqual(['ready']);
  });

  it('sets aside what the server refuses, says why, and bothers nobody with it again', async () => {
    const spool = join(diary.folder, 'refusals');
    const daybook = (...words: string[]) =>
      diary.daybookWith({ env: { DAYBOOK_SPOOL_DIRECTORY: spool } }, ...words);
    const why = 'configuration: there is no configuration nope';
    const refused = await daybook('run', '--configuration', 'nope', '--', 'echo', 'hi');
    expect(refused).toMatchObject({
      code: 0,
      stdout: 'hi\n',
      stderr: `daybook: Daybook refused the job: ${why}\n`,
    });
    const [file] = readdirSync(join(spool, 'refused'));
    const path = join(spool, 'refused', String(file));
    expect(await daybook('run', 'echo', 'more')).toMatchObject({ code: 0, stderr: '' });
    const told = await daybook('sync');
    expect(told).toMatchObject({ code: 0, stdout: `nothing waits in ${spool}\n` });
    expect(told.stderr).toContain(`echo hi: was refused: ${why}\n  ${path}\n`);
    const { stdout } = await daybook('doctor');
    expect(stdout).toContain('records   none wait');
    expect(stdout).toContain(`refused   1 in ${join(spool, 'refused')}`);
    expect(await daybook('sync', '--refused')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`echo hi: refused: ${why}\n`),
    });
    expect(await daybook('sync', '--discard', path)).toMatchObject({
      code: 0,
      stderr: `removed echo hi (refused: ${why}): ${path}\n`,
    });
    expect(await daybook('sync', '--discard', path)).toMatchObject({ code: 66 });
    expect(readdirSync(spool)).toEqual([]);
  });

  it('discards nothing that was not refused', async () => {
    const spool = join(diary.folder, 'waiting');
    const env = { DAYBOOK_SPOOL_DIRECTORY: spool, DAYBOOK_URL: 'http://127.0.0.1:1234' };
    await diary.daybookWith({ env }, 'run', 'echo', 'hi');
    const path = join(spool, String(readdirSync(spool)[0]));
    expect(await diary.daybookWith({ env }, 'sync', '--discard', path)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('was not refused'),
    });
    expect(readdirSync(spool)).toHaveLength(1);
  });

  it('runs even when the spool cannot be written', async () => {
    const locked = join(diary.folder, 'file');
    writeFileSync(locked, '');
    chmodSync(locked, 0o400);
    const run = await diary.daybookWith(
      { env: { DAYBOOK_SPOOL_DIRECTORY: locked } },
      'run',
      '--name',
      'no spool',
      'echo',
      'ran',
    );
    expect(run).toMatchObject({
      code: 0,
      stdout: 'ran\n',
      stderr: expect.stringContaining('the spool cannot be written'),
    });
    expect((await diary.job('no spool')).status).toBe('succeeded');
  });
});
