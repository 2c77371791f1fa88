import { createHash, type Hash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const rootFiles = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json'];
const skippedFolders = new Set(['node_modules', 'dist', 'testing', 'fixtures']);

/**
 * One string that changes when anything changes that a build reads. Names, sizes and times are enough (a checkout
 * sets the time) and take a few milliseconds, where reading every file would not.
 */
export function fingerprint(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const name of rootFiles) addFile(hash, root, name);
  addFolder(hash, root, 'packages');
  return hash.digest('hex');
}

function addFolder(hash: Hash, root: string, folder: string): void {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !skippedFolders.has(entry.name)) addFolder(hash, root, path);
    else if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) addFile(hash, root, path);
  }
}

function addFile(hash: Hash, root: string, path: string): void {
  const found = statSync(join(root, path), { bigint: true, throwIfNoEntry: false });
  if (found) hash.update(`${path}\0${found.mtimeNs}\0${found.size}\n`);
}
