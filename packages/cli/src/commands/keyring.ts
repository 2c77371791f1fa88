import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DaybookError } from '@daybook/core';
import { type ApiKey, type ApiKeyCreate, type Daybook, DaybookApiError } from '@daybook/sdk';
import { type ClientFlags, openDaybook } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';

/** Which keys are meant, and how they are shown. */
export interface KeyFlags extends ClientFlags {
  readonly data?: string;
  readonly json?: boolean;
}

/** Keys, wherever they are kept: behind a server, or in the database that a server uses. */
export interface Keyring {
  /** The server or the folder, for people. */
  readonly place: string;
  create(key: ApiKeyCreate): Promise<ApiKey & { readonly key: string }>;
  list(): Promise<readonly ApiKey[]>;
  revoke(id: number): Promise<void>;
}

/**
 * Opens the keyring that is meant, and closes it again: the database, unless no data directory or database is named but a
 * server is, and a key to ask it with. The first key of all can only be made directly.
 */
export async function withKeyring<T>(
  flags: KeyFlags,
  env: NodeJS.ProcessEnv,
  act: (keyring: Keyring) => Promise<T>,
  { mayBegin = false }: KeyringOptions = {},
): Promise<T> {
  const named = namesData(flags, env);
  if (!named && (flags.url ?? env['DAYBOOK_URL'])) {
    const daybook = openDaybook(flags, env);
    if (daybook.hasKey) return await withServerKeyring(daybook, act);
  }
  return await withDatabaseKeyring(flags, env, act, { migrates: mayBegin, mayBegin: mayBegin && named });
}

export interface KeyringOptions {
  /** A named directory that holds no diary yet becomes one; one that nobody named is probably the wrong one. */
  readonly mayBegin?: boolean;
}

function namesData(flags: KeyFlags, env: NodeJS.ProcessEnv): boolean {
  const variables = ['DAYBOOK_DATA', 'DAYBOOK_DATABASE_URL', 'DAYBOOK_DATABASE_URL_FILE'];
  return flags.data !== undefined || variables.some((name) => env[name]);
}

async function withServerKeyring<T>(daybook: Daybook, act: (keyring: Keyring) => Promise<T>): Promise<T> {
  try {
    return await act(serverKeyring(daybook));
  } catch (error) {
    if (!(error instanceof DaybookApiError) || error.code !== 'forbidden') throw error;
    const advice = "On the server's machine, use --data DIR: no server is asked then.";
    throw new CommandError(`${error.message} ${advice}`, exitCodes.noPermission);
  }
}

function serverKeyring({ keys, url }: Daybook): Keyring {
  return {
    place: url.replace(/\/api\/v1$/, ''),
    create: (key) => keys.create(key),
    list: () => keys.list(),
    revoke: (id) => keys.revoke(id),
  };
}

async function withDatabaseKeyring<T>(
  flags: KeyFlags,
  env: NodeJS.ProcessEnv,
  act: (keyring: Keyring) => Promise<T>,
  { migrates, mayBegin }: { readonly migrates: boolean; readonly mayBegin: boolean },
): Promise<T> {
  const { createKey, listKeys, migrate, openStore, revokeKey, settingsFrom, SettingsError, systemClock } =
    await import('@daybook/server');
  try {
    const settings = settingsFrom({ flags: { data: flags.data }, env });
    const place = settings.databaseUrl === undefined ? resolve(settings.data) : 'the database';
    if (!mayBegin && settings.databaseUrl === undefined) mustHoldDiary(place);
    const store = openStore(settings);
    try {
      if (migrates) await migrate(store);
      return await act({
        place,
        async create({ expiresAt, role, ...key }) {
          if (role === 'customer') throw new CommandError('customers have no keys');
          const ends = expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) };
          const made = await createKey(store, systemClock, 'command', { ...key, role, ...ends });
          return { ...made.record, key: made.key };
        },
        list: () =>
          allPages((cursor) => listKeys(store.read, { limit: 500, ...(cursor !== undefined && { cursor }) })),
        revoke: (id) => revokeKey(store, systemClock, 'command', id),
      });
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof SettingsError) throw new CommandError(error.message);
    // The same words and exit codes as from a server.
    if (error instanceof DaybookError) throw new DaybookApiError(error.toProblem());
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === '42P01' || /no such (table|column)/.test(message))
      throw new CommandError('the database holds no diary of this version yet: start the server once');
    if (code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC')
      throw new CommandError(message, exitCodes.cannotWrite);
    throw error;
  }
}

function mustHoldDiary(directory: string): void {
  if (existsSync(join(directory, 'daybook.sqlite'))) return;
  throw new CommandError(
    `there is no diary in ${directory}; name the server's data directory with --data DIR`,
    exitCodes.notFound,
  );
}

async function allPages(
  read: (cursor: string | undefined) => Promise<{ items: ApiKey[]; nextCursor?: string }>,
): Promise<ApiKey[]> {
  const all: ApiKey[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}
