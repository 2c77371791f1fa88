import {
  type ChildProcessWithoutNullStreams,
  type SpawnOptionsWithoutStdio,
  spawn,
} from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, JobEvent, JobSummary } from '@daybook/core';
import { onTestFinished } from 'vitest';

/** The built command, as people have it. */
export const command = join(import.meta.dirname, '../../packages/cli/bin/daybook.js');

/** How a process ended and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real server with its own data, an admin key and a spool; what the tests of the command line talk to. */
export class Diary {
  readonly folder = mkdtempSync(join(tmpdir(), 'daybook-house-'));
  url = '';
  key = '';
  #server: ChildProcessWithoutNullStreams | undefined;
  #port = 0;
  #flags: readonly string[] = [];

  /** `flags` are more flags of `daybook serve`. */
  static async open(...flags: string[]): Promise<Diary> {
    const diary = new Diary();
    diary.#flags = flags;
    await diary.start();
    const made = await diary.daybook(
      'key',
      'create',
      '--data',
      diary.data,
      '--name',
      'tests',
      '--role',
      'admin',
    );
    diary.key = made.stdout.trim();
    return diary;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  get spool(): string {
    return join(this.folder, 'spool');
  }

  /** What a process needs to reach it. */
  get env(): NodeJS.ProcessEnv {
    const others = Object.entries(process.env).filter(
      ([name]) => !/^(DAYBOOK_|CI$|FORCE_COLOR$|NO_COLOR$|NODE_|SHELL$)/.test(name),
    );
    return {
      ...Object.fromEntries(others),
      DAYBOOK_URL: this.url,
      DAYBOOK_API_KEY: this.key,
      DAYBOOK_SPOOL_DIRECTORY: this.spool,
    };
  }

  /** Starts it, again at the same address as before. */
  async start(): Promise<void> {
    const words = [
      'serve',
      '--port',
      String(this.#port),
      '--data',
      this.data,
      '--log-level',
      'warn',
      ...this.#flags,
    ];
    const server = spawn(process.execPath, [command, ...words], { env: this.env });
    this.#server = server;
    server.stderr.resume();
    this.url = await new Promise((resolve, reject) => {
      let printed = '';
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const address = /^Daybook is at (\S+)/m.exec(printed)?.[1];
        if (address !== undefined) resolve(address);
      });
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
    });
    this.#port = Number(new URL(this.url).port);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  }

  /** `kill -9`: what was acknowledged must be there after the next start. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs the command and waits for its end. */
  async daybook(...words: string[]): Promise<Ended> {
    return await this.daybookWith({}, ...words);
  }

  async daybookWith(
    options: SpawnOptionsWithoutStdio & { input?: string },
    ...words: string[]
  ): Promise<Ended> {
    const child = this.spawn(options, ...words);
    child.stdin.on('error', () => {}); // it need not read
    child.stdin.end(options.input ?? '');
    return await ended(child);
  }

  /** Starts the command; it is killed when the test ends before it. */
  spawn(options: SpawnOptionsWithoutStdio, ...words: string[]): ChildProcessWithoutNullStreams {
    const child = spawn(process.execPath, [command, ...words], {
      ...options,
      env: { ...this.env, ...options.env },
    });
    onTestFinishedOrNever(() => child.kill('SIGKILL'));
    return child;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${this.key}` },
    });
    return (await response.json()) as T;
  }

  /** The newest job of this name, whole. */
  async job(name: string): Promise<Job> {
    const { items } = await this.get<{ items: JobSummary[] }>('/jobs?limit=500');
    const found = items.find((job) => job.name === name);
    if (found === undefined) throw new Error(`there is no job ${name} among ${items.map((job) => job.name)}`);
    return await this.get<Job>(`/jobs/${found.id}`);
  }

  async log(job: Job): Promise<(string | null)[]> {
    return (await this.get<{ items: JobEvent[] }>(`/jobs/${job.id}/log?limit=500`)).items.map(
      (line) => line.message,
    );
  }
}

/** Waits for the end of a process and gives what it wrote. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, ...written };
}

/** Resolves once the process has printed this to stdout. */
export function printed(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  return new Promise((resolve) => {
    let all = '';
    child.stdout.on('data', (bytes) => {
      all += String(bytes);
      if (all.includes(text)) resolve();
    });
  });
}

/** Runs the command in a terminal of 80 columns (`script` of every Linux); what it writes has `\\r\\n` at line ends. */
export async function inTerminal(diary: Diary, env: NodeJS.ProcessEnv, ...words: string[]): Promise<Ended> {
  const line = [
    'stty cols 80; exec',
    ...[process.execPath, command, ...words].map((word) => `'${word}'`),
  ].join(' ');
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env: { ...diary.env, ...env } });
  child.stdin.on('error', () => {});
  return await ended(child);
}

function onTestFinishedOrNever(act: () => void): void {
  try {
    onTestFinished(act);
  } catch {
    // Called from a hook of the whole file.
  }
}
