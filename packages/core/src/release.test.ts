import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { release } from './release.ts';

it.each(['', 'packages/core/', 'packages/sdk/', 'packages/server/', 'packages/cli/', 'packages/web/'])(
  'is the version of %spackage.json',
  (folder) => {
    const file = new URL(`../../../${folder}package.json`, import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8')).version).toBe(release);
  },
);
