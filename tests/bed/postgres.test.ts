import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, dropDatabase, startPostgres, type TestPostgres } from './postgres.ts';
import { NOBODY } from './postgres-room.ts';

const root = join(import.meta.dirname, '../..');
const unprivileged = { uid: NOBODY, gid: NOBODY };
// Only root may become somebody else, and a checkout in a private home cannot be reached by others.
const canDropRoot =
  process.getuid?.() === 0 &&
  (await promisify(execFile)(process.execPath, ['--version'], unprivileged).then(
    () => true,
    () => false,
  ));

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!condition() && Date.now() < end) await wait(20);
  expect(condition()).toBe(true);
}

describe('a PostgreSQL for tests', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test('keeps the durability of production and listens on loopback alone', async () => {
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'max_connections', 'listen_addresses'];
    const settings = names.map((name) => `current_setting('${name}')`).join(', ');
    expect(await ask(server.url, `select ${settings}`)).toEqual(['on', 'on', 'on', '200', '127.0.0.1']);
  });

  test('asks for the password', async () => {
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test('makes and drops databases, whatever their name', async () => {
    const name = 'it\'s "mine" ä';
    const url = await createDatabase(server.url, name);
    expect(await ask(url, 'select current_database()')).toEqual([name]);
    await dropDatabase(server.url, name);
    expect(await ask(server.url, 'select datname from pg_database')).not.toContain(name);
  });

  test('orders text by code point and lowers more than ASCII', async () => {
    expect(await ask(server.url, `select lower('ÄÉ'), 'a' > 'B'`)).toEqual(['äé', true]);
  });

  test('leaves no process and no file behind when it is stopped', async () => {
    const other = await startPostgres();
    const [data] = await ask(other.url, `select current_setting('data_directory')`);
    expect(existsSync(String(data))).toBe(true);
    await other.stop();
    await other.stop();
    expect(isAlive(other.pid)).toBe(false);
    expect(existsSync(String(data))).toBe(false);
  });
});

const ownerScript = `
  import { startPostgres } from './tests/bed/postgres.ts';
  import pg from 'pg';
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query("select current_setting('data_directory') as data");
  console.log(JSON.stringify({ pid: server.pid, data: rows[0].data }));
  await client.end();
  if (process.env.STAY) setInterval(() => {}, 1000);
`;

test('ends with its owner, even by kill -9', async () => {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', ownerScript], {
    cwd: root,
    env: { ...process.env, STAY: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(owner.stdout, 'data');
  const { pid, data } = JSON.parse(String(line));
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  await until(() => !isAlive(pid) && !existsSync(data));
});

test('a forgotten stop() does not keep the owner alive', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', ownerScript], {
    cwd: root,
  });
  const { pid, data } = JSON.parse(stdout);
  await until(() => !isAlive(pid) && !existsSync(data));
});

test.runIf(canDropRoot)('starts for an unprivileged user, too', async () => {
  const checkout = await mkdtemp(join(tmpdir(), 'daybook-unprivileged-'));
  try {
    await cp(join(root, 'tests/bed'), join(checkout, 'tests/bed'), { recursive: true });
    await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
    await promisify(execFile)('/bin/chmod', ['-R', 'a+rX', checkout]);
    const options = { cwd: checkout, ...unprivileged };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', ownerScript],
      options,
    );
    await until(() => !existsSync(JSON.parse(stdout).data));
  } finally {
    await rm(checkout, { recursive: true });
  }
});
