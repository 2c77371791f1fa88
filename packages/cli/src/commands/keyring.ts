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
): Promise<T> {
  if (!namesData(flags, env) && (flags.url ?? env['DAYBOOK_URL'])) {
    const daybook = openDaybook(flags, env);
    if (daybook.hasKey) return await act(serverKeyring(daybook));
  }
  return await withDatabaseKeyring(flags, env, act);
}

function namesData(flags: KeyFlags, env: NodeJS.ProcessEnv): boolean {
  const variables = ['DAYBOOK_DATA', 'DAYBOOK_DATABASE_URL', 'DAYBOOK_DATABASE_URL_FILE'];
  return flags.data !== undefined || variables.some((name) => env[name]);
}

function serverKeyring({ keys }: Daybook): Keyring {
  return {
    create: (key) => keys.create(key),
    list: () => keys.list(),
    revoke: (id) => keys.revoke(id),
  };
}

async function withDatabaseKeyring<T>(
  flags: KeyFlags,
  env: NodeJS.ProcessEnv,
  act: (keyring: Keyring) => Promise<T>,
): Promise<T> {
  const { createKey, listKeys, migrate, openStore, revokeKey, settingsFrom, SettingsError, systemClock } =
    await import('@daybook/server');
  try {
    const store = openStore(settingsFrom({ flags: { data: flags.data }, env }));
    try {
      await migrate(store);
      return await act({
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
    if (code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC')
      throw new CommandError(message, exitCodes.cannotWrite);
    throw error;
  }
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
