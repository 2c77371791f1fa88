import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase, dropDatabase } from './postgres.ts';
import { makeRunFolder, type RunFolder } from './run-folder.ts';

/** The built command, as people have it. */
const command = join(import.meta.dirname, '../../packages/cli/bin/daybook.js');

/** What the server answered. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body read as JSON; undefined if it is none. */
  readonly body: unknown;
}

interface Database {
  readonly url: string;
  /** Only who made it removes it. */
  remove(): Promise<void>;
}

export interface RealServerOptions {
  /** The PostgreSQL to make a database on; SQLite when left out. */
  readonly postgresUrl?: string;
  /** A server whose database (and key) this one shares; on PostgreSQL alone. */
  readonly beside?: RealServer;
  readonly flags?: readonly string[];
}

/** The built server as a process of its own, with data of its own, on one of the engines. */
export class RealServer {
  /** Everything that it printed since the first start. */
  log = '';
  url = '';
  /** An admin's key. */
  key = '';
  readonly #folder: RunFolder;
  readonly #database: Database | undefined;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;
  #port = '0';

  private constructor(folder: RunFolder, database: Database | undefined, flags: readonly string[]) {
    this.#folder = folder;
    this.#database = database;
    this.#flags = flags;
  }

  /** Starts one on a new database, or beside another. */
  static async open({ postgresUrl, beside, flags = [] }: RealServerOptions = {}): Promise<RealServer> {
    const folder = await makeRunFolder('real-server');
    const database = beside === undefined ? await newDatabase(postgresUrl) : shared(beside);
    const server = new RealServer(folder, database, flags);
    await server.start();
    server.key = beside?.key ?? (await server.createKey('--role', 'admin'));
    return server;
  }

  /** Another process on the same PostgreSQL, as where several serve together. Remove it before the first. */
  async beside(): Promise<RealServer> {
    if (this.#database === undefined) throw new Error('SQLite has one server');
    const folder = await makeRunFolder('real-server');
    const shared = { url: this.#database.url, remove: async () => undefined };
    const server = new RealServer(folder, shared, this.#flags);
    await server.start();
    server.key = this.key;
    return server;
  }

  /** Path of SQLite's file, or PostgreSQL's address. */
  get location(): string {
    return this.#database?.url ?? join(this.#data, 'daybook.sqlite');
  }

  get pid(): number {
    return this.#process?.pid as number;
  }

  get isUp(): boolean {
    const child = this.#process;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  get #data(): string {
    return join(this.#folder.path, 'data');
  }

  get #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    const database = this.#database && { DAYBOOK_DATABASE_URL: this.#database.url };
    return { PATH, HOME, DAYBOOK_DATA: this.#data, ...database };
  }

  /** Starts it, again at the same address as before. Resolves when it answers. */
  async start(): Promise<void> {
    const words = ['serve', '--port', this.#port, ...this.#flags];
    const child = spawn(process.execPath, [command, ...words], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    this.url = await new Promise((resolve, reject) => {
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
        printed += text;
        const address = /^Daybook is at (\S+)/m.exec(printed)?.[1];
        if (address !== undefined) resolve(address);
      });
      child.once('exit', (code) =>
        reject(new Error(`the server ended with ${code}: ${this.log.slice(-2_000)}`)),
      );
    });
    this.#port = new URL(this.url).port;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Ends it and removes all that it had. */
  async remove(): Promise<void> {
    await this.kill();
    await this.#database?.remove();
    await this.#folder.remove();
  }

  /** A key made beside the running server, as an administrator does. */
  async createKey(...words: string[]): Promise<string> {
    const all = [
      command,
      'key',
      'create',
      '--data',
      this.#data,
      '--name',
      `test-${randomUUID().slice(0, 8)}`,
      ...words,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, all, { env: this.#environment });
    return stdout.trim();
  }

  /** Asks the native API; `path` begins behind `/api/v1`. Throws when no whole answer came. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: jsonIn(text) };
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function newDatabase(postgresUrl: string | undefined): Promise<Database | undefined> {
  if (postgresUrl === undefined) return undefined;
  const name = `real_${randomUUID().replaceAll('-', '')}`;
  const url = await createDatabase(postgresUrl, name);
  return { url, remove: () => dropDatabase(postgresUrl, name) };
}

function shared({ location }: RealServer): Database {
  return { url: location, remove: async () => {} };
}
