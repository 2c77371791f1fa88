import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { makeRoom, type PostgresRoom } from './postgres-room.ts';

/** A PostgreSQL server that belongs to this test run alone. */
export interface TestPostgres {
  /** Connects as superuser to the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** Stops the server and removes its files. May be called twice. */
  stop(): Promise<void>;
}

/** A server did not start; the message carries the last lines it printed. */
export class PostgresStartError extends Error {
  override readonly name = 'PostgresStartError';
}

export interface PostgresOptions {
  /** Folder (made if need be) in which the data stay when the server stops, and are found again by the next one. */
  readonly keptIn?: string;
  /** Of postgresql.conf, beside those that every test has. */
  readonly settings?: Readonly<Record<string, string>>;
}

const START_TIMEOUT_MS = 60_000;
const LOG_LINES_KEPT = 40;

/**
 * Starts a real PostgreSQL from the binaries that npm installed, on a free loopback port.
 * Durability is as in production (fsync, synchronous_commit and full_page_writes stay on), so what a test
 * measures or kills behaves as it will behave for people. Ends with the calling process, however that ends.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // PostgreSQL cannot be told "any free port": between our look and its bind somebody else may take it.
      const portTaken = error instanceof PostgresStartError && error.message.includes('could not bind');
      if (!portTaken || attempt === 5) throw error;
    }
  }
}

async function startOnce({ keptIn, settings }: PostgresOptions): Promise<TestPostgres> {
  const made = await makeRoom();
  const room = keptIn === undefined ? made : { ...made, data: join(keptIn, 'data') };
  let password = randomBytes(12).toString('hex');
  try {
    const known = keptIn === undefined ? undefined : await keptPassword(keptIn);
    if (known === undefined) {
      await initDatabase(room, password);
      if (keptIn !== undefined) await writeFile(join(keptIn, 'password'), password, { mode: 0o600 });
    }
    password = known ?? password;
  } catch (error) {
    await room.remove();
    throw error;
  }
  const port = await freePort();
  const guard = spawnGuarded(room, serverArguments(room, port, settings));
  const gone = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve());
    guard.once('error', () => resolve());
  });
  const stop = async () => {
    guard.ref();
    guard.stdin?.destroy();
    await gone;
    await room.remove();
  };
  try {
    const pid = await untilReady(guard);
    releaseEventLoop(guard);
    return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, port, pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Written when the data are whole: without it they are made anew. */
async function keptPassword(folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  const password = await readFile(join(folder, 'password'), 'utf8').catch(() => undefined);
  if (password === undefined) await rm(join(folder, 'data'), { recursive: true, force: true });
  return password;
}

async function initDatabase(room: PostgresRoom, password: string): Promise<void> {
  const passwordFile = join(room.base, 'password');
  await mkdir(room.data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await room.give(room.data, passwordFile);
  const options = [
    `--pgdata=${room.data}`,
    `--pwfile=${passwordFile}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The built-in locale needs nothing from the machine: the same order and the same lower() everywhere.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    // Only the empty cluster is not synced: it is worth nothing yet. The server itself runs with fsync on.
    '--no-sync',
  ];
  await promisify(execFile)(join(room.native, 'bin/initdb'), options, {
    ...room.identity,
    cwd: room.base,
    env: cleanEnvironment(),
  });
}

function serverArguments(room: PostgresRoom, port: number, more: PostgresOptions['settings']): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // Failing statements are what tests provoke: the server's own voice is enough.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...more,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return [join(room.native, 'bin/postgres'), '-D', room.data, ...flags];
}

/*
 * The guard is a shell between us and the server, holding the reading end of a pipe whose writing end is ours.
 * However we end (return, crash, kill -9), the kernel closes the pipe; then the guard ends the server at once
 * (SIGQUIT: the files are thrown away anyway) and removes them. It lives in a session of its own, so a Ctrl+C or
 * a kill of our process group does not take the guard before it has cleaned up.
 */
const GUARD_SCRIPT = `
exec 3<&0
base=$1; shift
"$@" </dev/null &
server=$!
echo "$server"
( while read -r _; do :; done; kill -QUIT "$server" ) <&3 &
reader=$!
wait "$server"
kill "$reader" 2>/dev/null
cd / && rm -rf "$base"
`;

function spawnGuarded(room: PostgresRoom, command: string[]): ChildProcess {
  return spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'daybook-postgres-guard', room.base, ...command], {
    ...room.identity,
    cwd: room.base,
    env: cleanEnvironment(),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Resolves with the postmaster's process id once the server accepts connections. */
function untilReady(guard: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let pid = 0;
    let log: string[] = [];
    const fail = (why: string) => reject(new PostgresStartError(`PostgreSQL ${why}\n${log.join('\n')}`));
    const timer = setTimeout(() => fail(`was not ready in ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    guard.once('error', (error) => fail(`could not be started: ${error.message}`));
    guard.once('close', () => fail('ended while it started'));
    guard.stdout?.on('data', (chunk) => {
      pid ||= Number.parseInt(String(chunk), 10);
    });
    guard.stderr?.on('data', (chunk) => {
      log = [...log, ...String(chunk).trimEnd().split('\n')].slice(-LOG_LINES_KEPT);
      if (!String(chunk).includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve(pid);
    });
    guard.once('close', () => clearTimeout(timer));
  });
}

/** A forgotten `stop()` must not keep a process alive: its end is what stops the server. */
function releaseEventLoop(guard: ChildProcess): void {
  guard.unref();
  for (const stream of [guard.stdin, guard.stdout, guard.stderr]) {
    if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
}

/** PG* variables of the person who runs the tests must not reach the server or its tools. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, LC_ALL: 'C', TZ: 'UTC' };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Makes an empty database (or a copy of `template`) and answers its URL.
 *
 * @example const mine = await createDatabase(inject('postgresUrl'), 'jobs_' + randomUUID().slice(0, 8));
 */
export async function createDatabase(url: string, name: string, template = 'template1'): Promise<string> {
  await asAdmin(url, `CREATE DATABASE ${quoted(name)} TEMPLATE ${quoted(template)}`);
  const made = new URL(url);
  made.pathname = `/${encodeURIComponent(name)}`;
  return made.href;
}

/** Drops a database, together with the connections that still use it. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await asAdmin(url, `DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
