import type { TestProject } from 'vitest/node';
import { startPostgres, type TestPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Admin URL of this run's PostgreSQL; make a database of your own with `createDatabase` (postgres.ts). */
    postgresUrl: string;
  }
}

/*
 * Vitest loads this file once per project, each time as a module of its own; one server serves them all, hence the
 * place on globalThis. The last project to leave stops it.
 */
interface Shared {
  users: number;
  server?: Promise<TestPostgres>;
}
const key = Symbol.for('daybook.tests.postgres');
const holder = globalThis as { [key]?: Shared };

/** Vitest global setup: starts PostgreSQL once and provides its URL as `postgresUrl`. */
export async function setup(project: TestProject): Promise<void> {
  if (!wanted(process.argv.slice(2))) {
    project.provide('postgresUrl', '');
    return;
  }
  const shared = (holder[key] ??= { users: 0 });
  shared.users += 1;
  shared.server ??= startPostgres();
  project.provide('postgresUrl', (await shared.server).url);
}

export async function teardown(): Promise<void> {
  const shared = holder[key];
  if (!shared?.server || --shared.users > 0) return;
  holder[key] = undefined;
  await (await shared.server).stop();
}

/** Whoever runs only files of packages that know no database should not wait a second for one. */
function wanted(argv: string[]): boolean {
  const files = argv.filter((word) => /\b(packages|tests)\//.test(word));
  return files.length === 0 || files.some((file) => !/packages\/(core|sdk|web)\b/.test(file));
}
