import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawPage, pages } from '../scripts/draw-docs.ts';

const root = join(import.meta.dirname, '..');
const manual = [
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
];

describe('the manual', () => {
  test.each(Object.keys(pages))('%s says what the code says (npm run docs draws it anew)', async (path) => {
    const text = readFileSync(join(root, path), 'utf8');
    expect(text).toBe(await drawPage(path, text));
  });

  test.each(manual)('%s links to pages and files that are there', (path) => {
    const text = readFileSync(join(root, path), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const missing = links
      .filter((link) => !/^(https?:|#)/.test(link))
      .filter((link) => !leadsSomewhere(path, link));
    expect(missing).toEqual([]);
  });

  test('every dependency that ships has its reason in ADR 0002', () => {
    const reasons = readFileSync(join(root, 'docs/adr/0002-dependencies.md'), 'utf8');
    const shipped = readdirSync(join(root, 'packages')).flatMap((name) => {
      const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
      return Object.keys(manifest.dependencies ?? {}).filter((each) => !each.startsWith('@daybook/'));
    });
    expect(shipped.filter((name) => !reasons.includes(`| \`${name}\` |`))).toEqual([]);
  });

  test('every page of docs is in its index', () => {
    const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
    const unlisted = manual
      .filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')
      .filter((path) => !index.includes(`](${relative('docs', path)})`));
    expect(unlisted).toEqual([]);
  });
});

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = join(root, path === '' ? from : join(dirname(from), path));
  if (!existsSync(file)) return false;
  if (anchor === undefined || !file.endsWith('.md')) return true;
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].some(([, heading = '']) => slug(heading) === anchor);
}

/** As the hosts of Markdown make anchors of headings. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
