import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8');
const packages: Record<string, LockedPackage> = JSON.parse(text).packages;

/*
 * A registry that lacks a package for some other platform makes `npm install` leave it out of the lock file without
 * a word, and from then on every `npm ci` fails. (Its entry may stand without `integrity`.)
 */
test('every optional dependency of every package is locked', () => {
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`${place}/node_modules/${name}`] && !packages[`node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test('no registry is named: everybody installs from their own', () => {
  const resolved = Object.values(packages).filter(({ link }) => !link);
  expect(resolved.flatMap((one) => one.resolved ?? [])).toEqual([]);
  expect(text).not.toMatch(/https?:[^"]*\.tgz/);
});
