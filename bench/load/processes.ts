import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createKey, openStore, settingsFrom, systemClock } from '@daybook/server';

const root = new URL('../../', import.meta.url).pathname;

/** A process under test, on a port of its own. */
export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Headers that let the load in. */
  readonly headers: Record<string, string>;
  stop(): Promise<void>;
}

/** A peer: a script of this repository that prints its port. */
export async function startPlain(script: string, name: string): Promise<Subject> {
  const child = spawn(process.execPath, [join(root, script)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(await firstMatch(child, /^(\d+)$/));
  return subject(name, port, child, {}, () => undefined);
}

/**
 * The built product with its default settings but for these (`DAYBOOK_*`), in a folder of its own, or in one that is there
 * already.
 */
export async function startDaybook(
  databaseUrl?: string,
  changed: Readonly<Record<string, string>> = {},
  kept?: string,
): Promise<Subject> {
  const data = kept ?? mkdtempSync(join(tmpdir(), 'daybook-bench-'));
  const database = databaseUrl !== undefined && { DAYBOOK_DATABASE_URL: databaseUrl };
  const env = { ...process.env, ...changed, ...database };
  const child = spawn(
    process.execPath,
    [join(root, 'packages/cli/bin/daybook.js'), 'serve', '--port', '0', '--data', data],
    { stdio: ['ignore', 'pipe', 'pipe'], env },
  );
  const port = Number(await firstMatch(child, /http:\/\/127\.0\.0\.1:(\d+)/));
  const settings = settingsFrom({
    flags: { data, ...(databaseUrl !== undefined && { databaseUrl }) },
    env: {},
  });
  const store = openStore(settings);
  const { key } = await createKey(store, systemClock, 'bench', { name: 'bench', role: 'admin' });
  await store.close();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const name = databaseUrl === undefined ? 'daybook, sqlite' : 'daybook, postgres';
  return subject(name, port, child, headers, () => {
    if (kept === undefined) rmSync(data, { recursive: true, force: true });
  });
}

function subject(
  name: string,
  port: number,
  child: ChildProcess,
  headers: Record<string, string>,
  tidy: () => void,
): Subject {
  return {
    name,
    port,
    process: child,
    headers: { 'content-type': 'application/json', ...headers },
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      tidy();
    },
  };
}

/** Waits for the line that names the port. */
async function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ready`)));
    for (const stream of streams)
      createInterface({ input: stream }).on('line', (line) => {
        const match = pattern.exec(line)?.[1];
        if (match !== undefined) resolve(match);
      });
  });
}

/** Resident memory of a process and its children, MB. */
export function residentMegabytes(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return [pid, ...children].reduce((sum, each) => sum + rssOf(each), 0);
}

function rssOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}
