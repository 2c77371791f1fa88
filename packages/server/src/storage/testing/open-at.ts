import { openPostgres, openSqlite, type Store } from '../index.ts';

export interface OpenOptions {
  /** How long a long read may take, milliseconds. */
  readTimeoutMs?: number;
}

/** Opens what `TestDatabase.location` says. */
export function openAt(location: string, options: OpenOptions = {}): Store {
  return location.startsWith('postgres:')
    ? openPostgres({ url: location, ...options })
    : openSqlite({ file: location, ...options });
}
