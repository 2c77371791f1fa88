import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { daybook } from '../../packages/server/src/actor.ts';
import { systemClock } from '../../packages/server/src/clock.ts';
import { schedulerKinds } from '../../packages/server/src/sources/scheduler/kinds.ts';
import { addSource } from '../../packages/server/src/sources/source-rows.ts';
import { migrate, openSqlite, type Store } from '../../packages/server/src/storage/index.ts';
import { makeRunFolder, type RunFolder } from '../bed/run-folder.ts';

/** How a job stands in the diary. */
export interface WatchedJob {
  readonly id: number;
  readonly externalId: string;
  readonly name: string;
  readonly status: string;
}

/** A diary that one source fills, by a poller that is killed again and again. */
export class WatchedJobs {
  readonly folder: RunFolder;
  readonly #file: string;
  readonly #programs: string;
  readonly #before: readonly string[];
  #store: Store | undefined;
  #source = 0;
  #poller: ChildProcess | undefined;

  /** `before`: what stands before the command of the poller, such as `nsenter`. */
  private constructor(folder: RunFolder, before: readonly string[]) {
    this.folder = folder;
    this.#before = before;
    this.#file = join(folder.path, 'daybook.sqlite');
    this.#programs = join(folder.path, 'programs');
  }

  static async open(options: {
    kind: string;
    settings: object;
    /** Programs of the scheduler: each call is noted. */
    programs: readonly string[];
    before?: readonly string[];
  }): Promise<WatchedJobs> {
    const watched = new WatchedJobs(await makeRunFolder('watched-jobs'), options.before ?? []);
    mkdirSync(watched.#programs);
    for (const name of options.programs) await watched.#wrap(name);
    const store = openSqlite({ file: watched.#file });
    watched.#store = store;
    await migrate(store);
    const kinds = new Map(
      schedulerKinds({ clock: systemClock, programs: [] }).map((kind) => [kind.kind, kind]),
    );
    watched.#source = await addSource({ store, clock: systemClock, kinds }, daybook, {
      name: 'cluster',
      kind: options.kind,
      settings: { ...options.settings },
      enabled: true,
    });
    return watched;
  }

  /** Starts a poller, and kills it at some moment of its work. */
  async killed(): Promise<void> {
    await this.start(300);
    await wait(Math.random() * 2_500);
    await this.stop();
  }

  async start(pause: number): Promise<void> {
    const words = [
      join(import.meta.dirname, 'poller-process.ts'),
      this.#file,
      `${this.#source}`,
      this.#programs,
      `${pause}`,
    ];
    const [program = process.execPath, ...before] = [...this.#before, process.execPath];
    const child = spawn(program, [...before, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#poller = child;
    await once(child.stdout, 'data');
  }

  async stop(): Promise<void> {
    const child = this.#poller;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async jobs(): Promise<WatchedJob[]> {
    const rows = await (this.#store as Store).read
      .selectFrom('jobs')
      .select(['id', 'external_id', 'name', 'status'])
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      externalId: row.external_id ?? '',
      name: row.name,
      status: row.status,
    }));
  }

  /** How the source stands: why its last look failed, if it did. */
  async error(): Promise<string | null> {
    const row = await (this.#store as Store).read.selectFrom('sources').select('error').executeTakeFirst();
    return row?.error ?? null;
  }

  /** When the scheduler was asked, seconds since 1970. */
  calls(): number[] {
    const text = readFileSync(join(this.#programs, 'calls'), { encoding: 'utf8', flag: 'a+' });
    return text.split('\n').filter(Boolean).map(Number);
  }

  async #wrap(name: string): Promise<void> {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `command -v ${name}`]);
    const file = join(this.#programs, name);
    writeFileSync(
      file,
      `#!/bin/sh\ndate +%s >> '${join(this.#programs, 'calls')}'\nexec ${stdout.trim()} "$@"\n`,
    );
    chmodSync(file, 0o755);
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#store?.close();
    await this.folder.remove();
  }
}

/** Names of programs that are not installed. */
export async function missingPrograms(...names: string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map((name) =>
      promisify(execFile)('/bin/sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin"; command -v ${name}`]).then(
        () => undefined,
        () => name,
      ),
    ),
  );
  return found.filter((name) => name !== undefined);
}

/** `name × count` of what a list of jobs holds, by name and status. */
export function tally(jobs: readonly { name: string; status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, status } of jobs) counts[`${name}: ${status}`] = (counts[`${name}: ${status}`] ?? 0) + 1;
  return counts;
}
