import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diary, ended, printed } from './diary.ts';

let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

describe('daybook key', () => {
  it('makes a key that stands alone on stdout, works, and is gone when revoked', async () => {
    const made = await diary.daybook(
      'key',
      'create',
      '--data',
      diary.data,
      '--name',
      'reader',
      '--role',
      'viewer',
      '--expires',
      '90d',
      '--note',
      'for tests',
    );
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\S+\n$/),
      stderr: expect.stringContaining('viewer'),
    });
    const env = { DAYBOOK_API_KEY: made.stdout.trim() };
    expect((await diary.daybookWith({ env }, 'jobs', 'list', '--json')).code).toBe(0);
    const canceling = await diary.daybookWith({ env }, 'jobs', 'cancel', '1');
    expect(canceling.code).toBe(77);
    const { items } = JSON.parse((await diary.daybook('key', 'list', '--json')).stdout);
    const reader = items.find((key: { name: string }) => key.name === 'reader');
    expect(reader).toMatchObject({ role: 'viewer', projects: ['*'], note: 'for tests', revokedAt: null });
    expect(JSON.stringify(items)).not.toContain(env.DAYBOOK_API_KEY);
    expect((await diary.daybook('key', 'revoke', String(reader.id))).code).toBe(0);
    expect((await diary.daybookWith({ env }, 'jobs', 'list')).code).toBe(77);
    expect((await diary.daybook('key', 'list')).stdout).toMatch(/reader .*revoked/);
  });

  it('is made before a server was ever started, by the data directory', async () => {
    const data = join(diary.folder, 'fresh');
    const made = await diary.daybook('key', 'create', '--data', data, '--name', 'first', '--role', 'admin');
    expect(made.code).toBe(0);
    expect(
      JSON.parse((await diary.daybook('key', 'list', '--data', data, '--json')).stdout).items,
    ).toHaveLength(1);
  });

  it('is looked for, and made unasked, only where a diary is', async () => {
    const folder = join(diary.folder, 'elsewhere');
    mkdirSync(folder);
    const inFolder = { cwd: folder, env: { DAYBOOK_URL: '', DAYBOOK_API_KEY: '' } };
    const making = ['key', 'create', '--name', 'x', '--role', 'provider'];
    for (const words of [making, ['key', 'list'], ['key', 'revoke', '1'], ['key', 'list', '--data', 'none']])
      expect(await diary.daybookWith(inFolder, ...words)).toMatchObject({
        code: 66,
        stdout: '',
        stderr: expect.stringMatching(/^daybook: there is no diary in \/.*\/elsewhere\/.*--data DIR\n$/),
      });
    expect(readdirSync(folder)).toEqual([]);
    const made = await diary.daybookWith(inFolder, ...making, '--data', 'mine');
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(` of ${join(folder, 'mine')} is shown`),
    });
  });

  it('names the way past a server that does not let a key make keys', async () => {
    const words = ['key', 'create', '--name', 'small', '--role', 'provider'];
    const made = await diary.daybook(...words);
    expect(made.stderr).toContain(` of ${diary.url} is shown`);
    const env = { DAYBOOK_API_KEY: made.stdout.trim() };
    expect(await diary.daybookWith({ env }, ...words)).toMatchObject({
      code: 77,
      stderr: expect.stringContaining('use --data DIR'),
    });
    // A provider sees its own keys, and no other.
    const listed = await diary.daybookWith({ env }, 'key', 'list', '--json');
    expect(listed.code).toBe(0);
    expect(JSON.parse(listed.stdout).items).toMatchObject([{ name: 'small', provider: 'small' }]);
  });

  it('names what is wrong', async () => {
    const create = (...words: string[]) => diary.daybook('key', 'create', '--data', diary.data, ...words);
    expect(await create('--name', 'x')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--role'),
    });
    expect(await create('--name', 'x', '--role', 'king')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('admin, editor, provider, viewer'),
    });
    expect(await create('--name', 'x', '--role', 'admin', '--expires', 'soon')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('90m'),
    });
    expect(await create('--name', 'x', '--role', 'admin', '--project', 'p')).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('projects: '),
    });
  });
});

describe('daybook doctor', () => {
  it('finds that all is well', async () => {
    const { code, stdout } = await diary.daybook('doctor', '--data', diary.data);
    expect(
      stdout
        .split('\n')
        .filter((line) => /^[✓✗]/.test(line))
        .map((line) => line.slice(0, 11).trim()),
    ).toEqual(['✓ Node', '✓ server', '✓ version', '✓ API key', '✓ clock', '✓ spool', '✓ records', '✓ data']);
    expect(code).toBe(0);
  });

  it('names what is not, with the way out', async () => {
    const file = join(diary.folder, 'not-a-directory');
    writeFileSync(file, '');
    const env = { DAYBOOK_API_KEY: 'dbk_wrong', DAYBOOK_SPOOL_DIRECTORY: file };
    const { code, stdout } = await diary.daybookWith({ env }, 'doctor', '--json');
    expect(code).toBe(1);
    const wrong = JSON.parse(stdout).findings.filter((finding: { ok: boolean }) => !finding.ok);
    const naming = (about: string, way: string) =>
      expect.objectContaining({ about, advice: expect.stringContaining(way) });
    expect(wrong).toEqual(
      expect.arrayContaining([
        naming('API key', 'daybook key create'),
        naming('spool', 'DAYBOOK_SPOOL_DIRECTORY'),
      ]),
    );
    const away = await diary.daybookWith({ env: { DAYBOOK_URL: 'http://127.0.0.1:1234' } }, 'doctor');
    expect(away).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('✗ server    no server at http://127.0.0.1:1234'),
    });
  });
});

it('serve says where no PostgreSQL answers, without its password', async () => {
  const env = { DAYBOOK_DATABASE_URL: 'postgres://u:pa55word@127.0.0.1:1/x' };
  expect(await diary.daybookWith({ env }, 'serve', '--port', '0')).toMatchObject({
    code: 69,
    stderr:
      'daybook: cannot reach PostgreSQL at 127.0.0.1:1 (connect ECONNREFUSED 127.0.0.1:1); look at DAYBOOK_DATABASE_URL (--database-url)\n',
  });
});

describe('daybook help and completion', () => {
  it('tell versions, commands and exit codes', async () => {
    expect(await diary.daybook('--version')).toMatchObject({ code: 0, stdout: '0.1.0\n' });
    expect((await diary.daybook('help', 'exit-codes')).stdout).toMatch(
      /^Exit codes of daybook[\s\S]*\n {3}75 {2}/,
    );
    expect((await diary.daybook('help', 'jobs', 'watch')).stdout).toContain('Usage: daybook jobs watch');
    expect(await diary.daybook('help', 'jobs', 'wach')).toMatchObject({
      code: 64,
      stderr: "daybook: unknown command 'wach'\n(Did you mean watch?)\n",
    });
    expect((await diary.daybook('serve', '--help')).stdout).toMatch(/--port <value>[\s\S]*--no-work/);
    const bare = await diary.daybook();
    expect(bare).toMatchObject({ code: 64, stderr: expect.stringContaining('Usage: daybook') });
  });

  it.each(['bash', 'zsh', 'fish'])('completes in %s', async (shell) => {
    const { code, stdout } = await diary.daybook('completion', shell);
    expect(code).toBe(0);
    for (const word of ['jobs', 'watch', 'progress-regex', 'zsh']) expect(stdout).toContain(word);
  });

  it('is a script that bash completes with', async () => {
    const { stdout } = await diary.daybook('completion', 'bash');
    const complete = async (...words: string[]) => {
      const list = words.map((word) => `'${word}'`).join(' ');
      const script = `${stdout}\nCOMP_WORDS=(daybook ${list}); COMP_CWORD=${words.length}; _daybook; echo "\${COMPREPLY[*]}"`;
      return (await ended(spawn('bash', ['-c', script]))).stdout.trim();
    };
    expect(await complete('jo')).toBe('jobs job');
    expect(await complete('jobs', 'wa')).toBe('watch');
    expect(await complete('jobs', 'list', '--proj')).toBe('--project');
    expect(await complete('run', '--mask')).toBe('--mask --mask-env');
    expect(await complete('completion', 'f')).toBe('fish');
    expect(await complete('serve', '--por')).toBe('--port');
  });
});

describe('daybook serve', () => {
  it('explains why it does not start', async () => {
    const { port } = new URL(diary.url);
    const serve = (...words: string[]) => diary.daybook('serve', ...words);
    const other = join(diary.folder, 'other');
    expect(await serve('--port', port, '--data', other)).toMatchObject({
      code: 75,
      stderr: expect.stringContaining(`port ${port} of 127.0.0.1 is taken`),
    });
    expect(await serve('--port', '0', '--data', diary.data)).toMatchObject({
      code: 75,
      stderr: expect.stringContaining('another daybook serve uses'),
    });
    expect(await serve('--port', 'many')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--port'),
    });
    expect(await serve('--colour', 'red')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("unknown option '--colour'"),
    });
  });

  it('stops, too, when the npm that started it is told to', async () => {
    const data = join(diary.folder, 'by-npm');
    const npm = spawn('npm', ['start', '--', '--port', '0', '--data', data], {
      cwd: join(import.meta.dirname, '../..'),
    });
    await printed(npm, 'Sign in');
    npm.kill('SIGTERM');
    // Its output ends when the last process that writes to it has ended.
    await once(npm, 'close');
  });

  it('stops cleanly on SIGTERM', async () => {
    const child = diary.spawn({}, 'serve', '--port', '0', '--data', join(diary.folder, 'stopping'));
    await printed(child, 'Daybook is at');
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
