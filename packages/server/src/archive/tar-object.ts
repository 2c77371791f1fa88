import type { ObjectKey } from './object-store.ts';

/** The tar of a bundle's folder. */
export function tarIn(folder: string): ObjectKey {
  return { folder, name: 'bundle.tar' };
}
