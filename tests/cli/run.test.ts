import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, Diary, ended, printed } from './diary.ts';

let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

describe('daybook run', () => {
  it('tracks a command: its lines, exit code, duration and where it ran', async () => {
    const script = 'echo one; echo two >&2; echo three; exit 3';
    const { code, stdout, stderr } = await diary.daybook(
      'run',
      '--name',
      'plain',
      '--tag',
      'a',
      '--tag',
      'b',
      '--',
      'sh',
      '-c',
      script,
    );
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: 'one\nthree\n', stderr: 'two\n' });
    const job = await diary.job('plain');
    expect(job).toMatchObject({
      status: 'failed',
      error: 'exit code 3',
      kind: 'script',
      tags: ['a', 'b'],
      execution: 'reported',
    });
    expect(job.metadata).toEqual({
      host: hostname(),
      user: job.user,
      directory: process.cwd(),
      command: "sh -c 'echo one; echo two >&2; echo three; exit 3'",
      exitCode: 3,
    });
    expect((await diary.log(job)).toSorted()).toEqual(['one', 'three', 'two']);
    expect(readdirSync(diary.spool)).toEqual([]);
  });

  it('is shown with its facts in words, aligned', async () => {
    await diary.daybook('run', '--name', 'shown', 'true');
    const { id } = await diary.job('shown');
    const shown = (await diary.daybook('jobs', 'show', String(id))).stdout;
    expect(shown).toMatch(/^ {2}exit code {2,}0$/m);
    expect(shown).not.toContain('duration');
    const columns = [...shown.matchAll(/^ {2}\S+(?: \S+)* {2,}(?=\S)/gm)].map(([start]) => start.length);
    expect(columns.length).toBeGreaterThan(6);
    expect(new Set(columns).size).toBe(1);
  });

  it('names the flag whose value is wrong', async () => {
    for (const flag of ['--tag', '--project', '--target'])
      expect(await diary.daybook('run', flag, '', 'echo', 'ran')).toEqual({
        code: 64,
        signal: null,
        stdout: '',
        stderr: `daybook: ${flag} must not be empty\n`,
      });
  });

  it('passes input and output through byte by byte', async () => {
    const bytes = randomBytes(3_000_000);
    const child = diary.spawn({}, 'run', '--name', 'bytes', 'cat');
    child.stdin.end(bytes);
    const hash = createHash('sha256');
    child.stdout.on('data', (chunk) => hash.update(chunk));
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect((await diary.job('bytes')).status).toBe('succeeded');
  });

  it.each([
    ['missing', ['no-such-command'], 127, 'no-such-command: command not found'],
    ['forbidden', ['/etc/passwd'], 126, '/etc/passwd: permission denied'],
  ])('ends as a shell does with a command that is %s', async (name, words, code, problem) => {
    const run = await diary.daybook('run', '--name', name, '--', ...words);
    expect(run).toMatchObject({ code, stderr: `daybook: ${problem}\n` });
    expect(await diary.job(name)).toMatchObject({ status: 'failed', error: problem });
  });

  it('gives the exit code of a signal', async () => {
    const run = await diary.daybook('run', '--name', 'killed', '--', 'sh', '-c', 'kill -KILL $$');
    expect(run.code).toBe(137);
    expect(await diary.job('killed')).toMatchObject({ status: 'failed', error: 'ended by SIGKILL' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('passes %s on', async (signal, code) => {
    const child = diary.spawn(
      {},
      'run',
      '--name',
      signal,
      '--',
      'sh',
      '-c',
      'ulimit -c 0; echo ready; exec sleep 60',
    );
    await printed(child, 'ready');
    child.kill(signal);
    expect((await once(child, 'exit'))[0]).toBe(code);
    expect(await diary.job(signal)).toMatchObject({ status: 'canceled' });
  });

  it('passes the second SIGINT on too, and the command decides', async () => {
    const script =
      'trap "n=\\$((n+1)); echo got \\$n; [ \\$n = 2 ] && exit 7" INT; n=0; echo ready; while :; do sleep 0.02; done';
    const child = diary.spawn({}, 'run', '--name', 'twice', '--', 'sh', '-c', script);
    await printed(child, 'ready');
    child.kill('SIGINT');
    await printed(child, 'got 1');
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(7);
    const job = await diary.job('twice');
    expect(await diary.log(job)).toEqual(['ready', 'got 1', 'got 2']);
    expect(job.status).toBe('failed');
  });

  it.skipIf(!existsSync('/usr/bin/script'))(
    'leaves Ctrl-C to the terminal, which has sent it to the command already',
    async () => {
      const inner =
        'trap "n=\\$((n+1)); echo got \\$n; [ \\$n = 2 ] && exit 7" INT; n=0; echo ready; while :; do sleep 0.02; done';
      writeFileSync(join(diary.folder, 'inner.sh'), inner.replaceAll('\\$', '\\$'));
      // `exec`: a shell that stays would hear Ctrl-C too, and end as it does.
      const line = `exec '${process.execPath}' '${command}' run --name terminal -- sh '${join(diary.folder, 'inner.sh')}'`;
      const child = spawn('/usr/bin/script', ['-qefc', line, '/dev/null'], { env: diary.env });
      await printed(child, 'ready');
      child.stdin.write('\x03');
      await printed(child, 'got 1');
      child.stdin.write('\x03');
      const { code, stdout } = await ended(child);
      expect(code).toBe(7);
      expect(stdout).not.toContain('got 3');
      expect(await diary.log(await diary.job('terminal'))).toEqual(['ready', 'got 1', 'got 2']);
    },
  );

  it('ends as the command does when nobody reads its output on', async () => {
    const line = `'${process.execPath}' '${command}' run --name yes -- yes | head -n 1; echo "\${PIPESTATUS[0]}"`;
    // It has printed more by then than is delivered within two seconds: a spool of its own.
    const env = { ...diary.env, DAYBOOK_SPOOL_DIRECTORY: join(diary.folder, 'yes') };
    const { stdout, stderr } = await ended(spawn('bash', ['-c', line], { env }));
    expect(stdout).toBe('y\n141\n');
    expect(stderr).not.toContain('yes:');
  });

  it('passes everything through, however slow the reader is', async () => {
    const line = `'${process.execPath}' '${command}' run --name slow -- seq 1 50000 | (sleep 3; md5sum)`;
    // Not all of its record may be delivered within two seconds: a spool of its own.
    const env = { ...diary.env, DAYBOOK_SPOOL_DIRECTORY: join(diary.folder, 'slow') };
    const { stdout } = await ended(spawn('bash', ['-c', line], { env }));
    const all = Array.from({ length: 50_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(stdout.slice(0, 32)).toBe(createHash('md5').update(all).digest('hex'));
  });

  it('lets live what the command left behind, records the end before, and says so', async () => {
    const script = '(sleep 6; echo late; echo alive >&2) & echo started; exit 3';
    const child = diary.spawn({}, 'run', '--name', 'background', '--', 'sh', '-c', script);
    const end = ended(child);
    await once(child.stderr, 'data');
    await expect.poll(async () => (await diary.job('background')).status, { timeout: 3_000 }).toBe('failed');
    expect(child.exitCode).toBeNull();
    expect(await end).toMatchObject({
      code: 3,
      stdout: 'started\nlate\n',
      stderr: expect.stringMatching(/^daybook: .*left behind.*\nalive\n$/),
    });
    expect(await diary.log(await diary.job('background'))).toEqual(['started']);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves what the command left behind at a %s', async (signal) => {
    const child = diary.spawn({}, 'run', '--name', 'left', '--', 'sh', '-c', 'sleep 30 & exit 3');
    const end = once(child, 'exit');
    await once(child.stderr, 'data');
    child.kill(signal);
    const started = performance.now();
    expect((await end)[0]).toBe(3);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('ends by a signal also when its reader is blocked', async () => {
    // It has printed more by then than is delivered within two seconds: a spool of its own.
    const env = { DAYBOOK_SPOOL_DIRECTORY: join(diary.folder, 'blocked') };
    const child = diary.spawn(
      { env },
      'run',
      '--name',
      'blocked',
      '--',
      'sh',
      '-c',
      'echo ready >&2; exec yes',
    );
    await once(child.stderr, 'data');
    child.stdout.pause();
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(143);
  }, 10_000);

  it('never stores a secret, however it is printed', async () => {
    const secret = 'Kxp-geheim-7261';
    const pem = 'first line of it\nsecond line of it';
    const script = `
      const { setTimeout } = await import('node:timers/promises');
      for (const c of ${JSON.stringify(secret)}) { process.stdout.write(c); await setTimeout(3); }
      console.log(); console.error(process.env.PEM.replaceAll('\\n', '\\n   ')); console.log(process.argv.at(-1));
      process.exit(1);`;
    const flags = ['--mask', secret, '--mask-env', 'PEM', '--name', 'masked'];
    const words = [process.execPath, '--input-type=module', '-e', script, '--', `--password=${secret}`];
    const run = await diary.daybookWith({ env: { PEM: pem } }, 'run', ...flags, '--', ...words);
    expect(run.stdout).toBe(`${secret}\n--password=${secret}\n`);
    const job = await diary.job('masked');
    expect((await diary.log(job)).toSorted()).toEqual(['   ***', '***', '***', '--password=***']);
    expect(JSON.stringify(job)).toContain('--password=***');
    for (const file of readdirSync(diary.data, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const content = readFileSync(join(file.parentPath, file.name));
      for (const text of [secret, 'second line of it']) expect(content.includes(text)).toBe(false);
    }
  });

  it('never stores the key that it reports with', async () => {
    const run = await diary.daybook('run', '--name', 'printenv', 'printenv', 'DAYBOOK_API_KEY');
    expect(run.stdout).toBe(`${diary.key}\n`);
    expect(await diary.log(await diary.job('printenv'))).toEqual(['***']);
  });

  it('reads percent from a progress bar, and keeps its last drawing as the line', async () => {
    const script = 'for i in 10 35 80; do printf "\\r[%s%%]" $i; sleep 0.05; done; printf "\\n"; exit 1';
    await diary.daybook('run', '--name', 'bar', '--', 'sh', '-c', script);
    const job = await diary.job('bar');
    expect(job.progress).toBe(80);
    expect(await diary.log(job)).toEqual(['[80%]']);
  });

  it('reads percent by a pattern of one’s own, and refuses one without a group', async () => {
    await diary.daybook(
      'run',
      '--name',
      'regex',
      '--progress-regex',
      'at (\\d+)',
      '--',
      'sh',
      '-c',
      'echo 99%; echo at 25; exit 1',
    );
    expect((await diary.job('regex')).progress).toBe(25);
    const wrong = await diary.daybook(
      'run',
      '--progress-regex',
      '\\d+',
      '--',
      'touch',
      join(diary.folder, 'touched'),
    );
    expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining('needs a group') });
    expect(existsSync(join(diary.folder, 'touched'))).toBe(false);
  });

  it('gives up a pattern that is too slow, and the command goes on', async () => {
    const script = `echo ${'a'.repeat(50)}b; echo done`;
    const words = ['--name', 'slow-regex', '--progress-regex', '(a+)+$', '--', 'sh', '-c', script];
    const run = await diary.daybook('run', ...words);
    expect(run).toMatchObject({ code: 0, stderr: expect.stringMatching(/^daybook: --progress-regex .*\n$/) });
    expect(run.stdout).toMatch(/b\ndone\n$/);
  }, 10_000);

  it('runs nothing when the target is busy', async () => {
    const holder = diary.spawn(
      {},
      'run',
      '--name',
      'holder',
      '--target',
      'disk',
      '--',
      'sh',
      '-c',
      'echo ready; read line',
    );
    await printed(holder, 'ready');
    const second = await diary.daybook(
      'run',
      '--target',
      'disk',
      '--',
      'touch',
      join(diary.folder, 'second'),
    );
    expect(second).toMatchObject({
      code: 75,
      stderr: expect.stringMatching(/^daybook: disk is busy \(job \d+\); the command was not run\n$/),
    });
    expect(existsSync(join(diary.folder, 'second'))).toBe(false);
    holder.stdin.end('go\n');
    expect((await once(holder, 'exit'))[0]).toBe(0);
    expect((await diary.daybook('run', '--name', 'third', '--target', 'disk', 'true')).code).toBe(0);
  });

  it('takes part in a configuration, and keeps the record of one that is unknown', async () => {
    const run = await diary.daybook(
      'run',
      '--name',
      'unknown recipe',
      '--configuration',
      'nope',
      '--',
      'echo',
      'ran',
    );
    expect(run).toMatchObject({
      code: 0,
      stdout: 'ran\n',
      stderr: expect.stringMatching(/^daybook: Daybook refused the job: .*\n$/),
    });
    const steps = [{ tag: 'only', name: 'Only', points: 1 }];
    await fetch(`${diary.url}/api/v1/configurations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${diary.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tag: 'nope', name: 'Nope', steps }),
    });
    expect(await diary.daybook('sync', '--refused')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('unknown recipe'),
    });
    expect(await diary.job('unknown recipe')).toMatchObject({
      status: 'succeeded',
      configuration: { tag: 'nope' },
    });
  });

  it('refuses an unknown option before anything is run', async () => {
    const run = await diary.daybook('run', '--naem', 'x', '--', 'touch', join(diary.folder, 'touched'));
    expect(run).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining("unknown option '--naem'"),
    });
    expect(existsSync(join(diary.folder, 'touched'))).toBe(false);
  });
});
