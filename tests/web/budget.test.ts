import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const dist = join(import.meta.dirname, '../../packages/web/dist');

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

/** The scripts that the page names, and whatever they import before anything can be drawn. */
function initialScripts(): string[] {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >;
  const chunks = Object.values(manifest);
  const files = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const name of chunks.find((chunk) => chunk.file === file)?.imports ?? []) {
      visit(manifest[name]?.file ?? name);
    }
  };
  for (const [, file] of page.matchAll(/(?:src|href)="\/diary\/([^"]+\.js)"/g)) visit(file as string);
  return [...files].map((file) => readFileSync(join(dist, file), 'utf8'));
}

test('the list needs at most 200 kB of JavaScript to start (the issue allows 260)', () => {
  const scripts = initialScripts();
  const bytes = scripts.reduce((sum, script) => sum + gzipSync(script).length, 0);
  console.log(`initial JavaScript: ${(bytes / 1_000).toFixed(1)} kB gzip in ${scripts.length} files`);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(200_000);
});

test('German and the pages that few open are no part of it', () => {
  const all = initialScripts().join('\n');
  expect(all).toContain('The diary that your jobs write themselves');
  for (const lazy of ['Das Tagebuch', '#/components/schemas/', 'arrow-head', '/sign-in-link']) {
    expect(all).not.toContain(lazy);
  }
});
