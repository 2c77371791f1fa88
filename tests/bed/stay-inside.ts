import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Vite plugin: tests may import only what the repository and npm hold. What merely lies beside the checkout on one
 * machine is missing on the next.
 */
export function stayInside(root: string): Plugin {
  const house = realpathSync(root);
  return {
    name: 'daybook-stay-inside',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!importer || !/^[./]|^file:/.test(source)) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (found && leaves(house, found.id)) {
        this.error(`${importer} imports ${source}, which lies outside the repository`);
      }
      return found;
    },
  };
}

function leaves(house: string, id: string): boolean {
  const path = id.replace(/^file:\/\//, '').replace(/\?.*$/, '');
  if (!isAbsolute(path) || path.includes('/node_modules/')) return false;
  return relative(house, path).startsWith('..');
}
