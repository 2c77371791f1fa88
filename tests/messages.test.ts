import { globSync, readFileSync } from 'node:fs';
import { en } from '@daybook/core';
import { expect, test } from 'vitest';

test('every message of the catalogue is said somewhere', () => {
  const root = new URL('../', import.meta.url).pathname;
  const files = globSync('packages/*/src/**/*.{ts,tsx}', {
    cwd: root,
    exclude: (path) => path.includes('.test.') || path.includes('core/src/messages'),
  });
  expect(files.length).toBeGreaterThan(500);
  const source = files.map((file) => readFileSync(`${root}${file}`, 'utf8')).join('\n');
  const said = new Set(Array.from(source.matchAll(/['"`]([\w.-]+)['"`]/g), ([, text]) => text));
  // Keys put together of a room and a word of the design: `status.${status}`.
  const rooms = new Set(Array.from(source.matchAll(/`([\w.]+\.)\$\{/g), ([, room]) => room as string));
  const isSaid = (key: string) => said.has(key) || [...rooms].some((room) => key.startsWith(room));
  expect(Object.keys(en).filter((key) => !isSaid(key))).toEqual([]);
});
