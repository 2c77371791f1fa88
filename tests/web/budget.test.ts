import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const dist = join(import.meta.dirname, '../../packages/web/dist');

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

/** The files that the first page needs before it can be drawn: the entry and whatever it imports statically. */
function initialScripts(): Set<string> {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >;
  const files = new Set<string>();
  const visit = (chunk: Chunk | undefined) => {
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const name of chunk.imports ?? []) visit(manifest[name]);
  };
  for (const chunk of Object.values(manifest)) if (chunk.isEntry) visit(chunk);
  return files;
}

test('the list needs at most 200 kB of JavaScript to start (the issue allows 260)', () => {
  const files = [...initialScripts()].filter((file) => file.endsWith('.js'));
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);
  console.log(`initial JavaScript: ${(bytes / 1_000).toFixed(1)} kB gzip in ${files.length} files`);
  expect(files.length).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(200_000);
});

test('German and the pages that few open are no part of it', () => {
  const initial = [...initialScripts()].join(' ');
  for (const lazy of ['/de-', 'reference-page', 'help-page', 'keys-page', 'log-view'])
    expect(initial).not.toContain(lazy);
});
