import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/**
 * Where records wait for a server that is away: `DAYBOOK_SPOOL_DIRECTORY`, else the state directory of the XDG base
 * directory specification (`~/.local/state/daybook/spool`), on Windows `%LOCALAPPDATA%\daybook\spool`.
 */
export function defaultSpoolDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env['DAYBOOK_SPOOL_DIRECTORY']) return env['DAYBOOK_SPOOL_DIRECTORY'];
  const state =
    process.platform === 'win32'
      ? (env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'))
      : env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'daybook', 'spool');
}

export const JOURNAL_SUFFIX = '.jsonl';
/** Single events that the server refused; kept for people to look at, never sent again. */
export const REFUSED_SUFFIX = '.refused';

const REFUSED_FOLDER = 'refused';

/** Where in a spool the journals are whose jobs the server refused: only somebody who wants it sends them again. */
export function refusedFolder(directory: string): string {
  return join(directory, REFUSED_FOLDER);
}

export function isSetAside(journalPath: string): boolean {
  return basename(dirname(journalPath)) === REFUSED_FOLDER;
}

/** Paths of all journals in a spool, oldest first. A directory that is not there is an empty one. */
export function listJournals(directory: string): string[] {
  return list(directory, JOURNAL_SUFFIX);
}

export function listRefused(directory: string): string[] {
  return list(directory, REFUSED_SUFFIX);
}

function list(directory: string, suffix: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => join(directory, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
