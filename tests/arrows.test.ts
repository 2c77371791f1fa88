import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readHouse } from '../scripts/arrows/house.ts';
import { maskSource } from '../scripts/arrows/mask.ts';
import { checkArrows } from '../scripts/check-arrows.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

const manifests = {
  'package.json': { name: 'daybook', devDependencies: { vitest: '1' } },
  'packages/core/package.json': { name: '@daybook/core', dependencies: { zod: '4' } },
  'packages/cli/package.json': { name: '@daybook/cli', dependencies: { commander: '1' } },
  'packages/server/package.json': { name: '@daybook/server', dependencies: { pg: '8' } },
  'packages/web/package.json': { name: '@daybook/web', devDependencies: { react: '19' } },
};

/** Writes a small house and answers what is wrong with it, as `path:line rule`. */
function faultsOf(files: Record<string, string>): string[] {
  return messagesOf(files).map((message) => message.split(': ')[0] ?? '');
}

function messagesOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'daybook-arrows-'));
  made.push(root);
  const texts = Object.entries(manifests).map(([path, json]) => [path, JSON.stringify(json)] as const);
  for (const [path, text] of [...texts, ...Object.entries(files)]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const faults = checkArrows(readHouse(root));
  return faults.map(({ path, line, rule, message }) => `${path}:${line} ${rule}: ${message}`);
}

const server = 'packages/server/src';

describe('packages', () => {
  test('core knows nobody, the others know core', () => {
    expect(
      faultsOf({
        'packages/core/src/a.ts': `import { x } from '@daybook/sdk';`,
        'packages/web/src/a.ts': `import type { x } from '@daybook/server';\nimport '@daybook/core';`,
        [`${server}/a.ts`]: `export * from '@daybook/core';`,
      }),
    ).toEqual(['packages/core/src/a.ts:1 package-arrow', 'packages/web/src/a.ts:1 package-arrow']);
  });

  test('the command loads the server lazily', () => {
    const lazy = `const { serve } = await import('@daybook/server');\nimport type { A } from '@daybook/server';`;
    expect(faultsOf({ 'packages/cli/src/serve.ts': lazy })).toEqual([]);
    const [message] = messagesOf({
      'packages/cli/src/serve.ts': `\nimport { serve } from '@daybook/server';`,
    });
    expect(message).toContain('packages/cli/src/serve.ts:2 package-arrow');
    expect(message).toContain(`await import('@daybook/server')`);
  });

  test('a relative path does not lead into another package, but a test may use the bed', () => {
    expect(
      faultsOf({
        'packages/core/src/a.ts': 'export const a = 1;',
        'tests/bed/b.ts': 'export const b = 1;',
        [`${server}/a.ts`]: `import { a } from '../../core/src/a.ts';`,
        [`${server}/b.ts`]: `import { b } from '../../../tests/bed/b.ts';`,
        [`${server}/b.test.ts`]: `import { b } from '../../../tests/bed/b.ts';`,
      }),
    ).toEqual([`${server}/a.ts:1 package-arrow`, `${server}/b.ts:1 package-arrow`]);
  });

  test('what is imported is declared, for shipped code as a dependency', () => {
    expect(
      faultsOf({
        [`${server}/a.ts`]: `import pg from 'pg';\nimport { test } from 'vitest';\nimport x from 'pg/lib/x.js';`,
        [`${server}/a.test.ts`]: `import { test } from 'vitest';`,
        'packages/web/src/a.tsx': `import React from 'react';\nconst x = await import('@mantine/core');`,
        'tests/a.ts': `import pg from 'pg';`,
        'scripts/a.ts': `import left from 'left-pad';`,
      }),
    ).toEqual([
      `${server}/a.ts:2 declared-dependency`,
      'packages/web/src/a.tsx:2 declared-dependency',
      'scripts/a.ts:1 declared-dependency',
    ]);
  });

  test('core and web use nothing of Node, and builtins are named with their prefix', () => {
    expect(
      faultsOf({
        'packages/core/src/a.ts': `import { join } from 'node:path';`,
        'packages/core/src/a.test.ts': `import { join } from 'node:path';`,
        [`${server}/a.ts`]: `import { join } from 'path';`,
      }),
    ).toEqual(['packages/core/src/a.ts:1 no-node', `${server}/a.ts:1 node-prefix`]);
  });
});

describe('rooms of the server', () => {
  const rooms = {
    [`${server}/clock.ts`]: 'export const c = 1;',
    [`${server}/storage/s.ts`]: `import { c } from '../clock.ts';`,
    [`${server}/jobs/j.ts`]: `import { s } from '../storage/s.ts';`,
    [`${server}/queue/q.ts`]: `import { j } from '../jobs/j.ts';\nimport { t } from '../targets/t.ts';`,
    [`${server}/targets/t.ts`]: `import { s } from '../storage/s.ts';`,
    [`${server}/dialects/d.ts`]: `import { q } from '../queue/q.ts';`,
    [`${server}/app.ts`]: `import { d } from './dialects/d.ts';\nimport { q } from './queue/q.ts';`,
    [`${server}/index.ts`]: `export { app } from './app.ts';`,
    [`${server}/queue/q.test.ts`]: `import { app } from '../app.ts';`,
  };

  test('look down and across', () => {
    expect(faultsOf(rooms)).toEqual([]);
  });

  test.each([
    ['clock.ts', './storage/s.ts', 'basics may not know storage'],
    ['storage/x.ts', '../jobs/j.ts', 'storage may not know jobs'],
    ['jobs/x.ts', '../queue/q.ts', 'jobs may not know queue'],
    ['queue/x.ts', '../dialects/d.ts', 'only app imports dialects'],
    ['index.ts', './dialects/d.ts', 'only app imports dialects'],
    ['dialects/x.ts', '../app.ts', 'only index.ts imports app'],
    ['queue/x.ts', '../index.ts', 'imports its index.ts'],
    ['queue/x.ts', '../targets/t.test.ts', 'for tests alone'],
  ])('%s may not import %s', (from, to, reason) => {
    const extra = { [`${server}/targets/t.test.ts`]: '' };
    const messages = messagesOf({ ...rooms, ...extra, [`${server}/${from}`]: `import { x } from '${to}';` });
    expect(messages.filter((message) => message.includes('room-arrow')).join()).toContain(reason);
  });

  test('a thread is reached by its file, too', () => {
    const start = `new Worker(new URL('../queue/q.ts', import.meta.url));`;
    expect(faultsOf({ ...rooms, [`${server}/storage/x.ts`]: start })).toEqual([
      `${server}/storage/x.ts:1 room-arrow`,
    ]);
  });
});

describe('cycles', () => {
  test('are found over several files, types included', () => {
    const [message, ...rest] = messagesOf({
      'packages/core/src/a.ts': `import { b } from './b.ts';`,
      'packages/core/src/b.ts': `import type { c } from './c.ts';`,
      'packages/core/src/c.ts': `export { a } from './a.ts';`,
      'packages/core/src/d.ts': `import { a } from './a.ts';`,
    });
    expect(rest).toEqual([]);
    expect(message).toContain(
      'src/a.ts → packages/core/src/b.ts → packages/core/src/c.ts → packages/core/src/a.ts',
    );
  });

  test('a lazy import opens one', () => {
    expect(
      faultsOf({
        'packages/core/src/a.ts': `import { b } from './b.ts';`,
        'packages/core/src/b.ts': `const { a } = await import('./a.ts');`,
      }),
    ).toEqual([]);
  });

  test('a file that imports itself is one', () => {
    expect(faultsOf({ 'packages/core/src/a.ts': `\nimport { a } from './a.ts';` })).toEqual([
      'packages/core/src/a.ts:2 no-cycle',
    ]);
  });
});

describe('files', () => {
  test('have kebab-case names and at most 500 lines', () => {
    expect(
      faultsOf({
        'packages/core/src/JobState.ts': '',
        'packages/core/src/my_folder/a.ts': '',
        'packages/core/src/job-state.test.ts': '\n'.repeat(500),
        'packages/core/src/long.ts': '\n'.repeat(501),
      }),
    ).toEqual([
      'packages/core/src/JobState.ts:1 kebab-case',
      'packages/core/src/long.ts:501 file-length',
      'packages/core/src/my_folder/a.ts:1 kebab-case',
    ]);
  });

  test('name nothing outside the repository', () => {
    const beside = mkdtempSync(join(tmpdir(), 'daybook-beside-'));
    made.push(beside);
    expect(
      faultsOf({
        'tests/a.test.ts': `read('../../beside/x.json');\nread('../bench/x.json');\nread('${beside}/x.json');`,
      }),
    ).toEqual(['tests/a.test.ts:1 stay-inside', 'tests/a.test.ts:3 stay-inside']);
  });
});

describe('masking', () => {
  test('blanks what only looks like an import', () => {
    const text = [
      `// import { a } from '@daybook/sdk';`,
      `/* import '@daybook/sdk'; */ const quote = /['"]/;`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is source code
      "const t = `import '@daybook/sdk' ${call({ a: `x${1}` })} it's`;",
      `const s = "import '@daybook/sdk'"; const half = a / b; // it's`,
      `const e = 'it\\'s'; const r = x.replace(/[/'"]+/g, "'");`,
      `import {\n  type A,\n  b,\n} from '@daybook/server';`,
    ].join('\n');
    expect(faultsOf({ 'packages/core/src/a.ts': text })).toEqual(['packages/core/src/a.ts:9 package-arrow']);
  });

  test('keeps every offset', () => {
    const text = `const a = "é\\"x"; /* c\n */ const b = \`y\${a}z\`; // end`;
    const { code, literals } = maskSource(text);
    expect(code).toHaveLength(text.length);
    expect(literals.map(({ value }) => value)).toEqual(['é\\"x', 'y']);
    expect(code.indexOf('const b')).toBe(text.indexOf('const b'));
  });
});
