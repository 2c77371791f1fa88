import { defaultServerConditions } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { stayInside } from './tests/bed/stay-inside.ts';

/*
 * Three projects:
 *   unit   tests beside the code. `@daybook/*` is read from its TypeScript sources, so nothing has to be built.
 *   house  tests/: the built product from outside, with processes, kills and a browser.
 *   prove  the long proofs of `npm run prove`, present only when it asks for them.
 */
const proving = process.env.DAYBOOK_PROVE === '1';
// Test processes are started with these conditions, too: `module` is for bundlers, and what some packages have there
// Node cannot load.
const sourceFirst = ['source', ...defaultServerConditions.filter((condition) => condition !== 'module')];

const unit: TestProjectInlineConfiguration = {
  extends: true,
  resolve: { conditions: sourceFirst },
  ssr: { resolve: { conditions: sourceFirst, externalConditions: ['source'] } },
  test: {
    name: 'unit',
    include: ['packages/*/src/**/*.test.{ts,tsx}'],
    globalSetup: ['tests/bed/provide-postgres.ts'],
    maxWorkers: 2,
    // A process per file would spend a third of the time on starting and on reading the same modules again.
    isolate: false,
    // A limit for what hangs, not a measure: these machines are small, and other things run on them.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { groupOrder: 1 },
  },
};

const house: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'house',
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/bed/provide-postgres.ts', 'tests/bed/provide-browser.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { groupOrder: 2 },
  },
};

const prove: TestProjectInlineConfiguration = {
  ...house,
  test: {
    ...house.test,
    name: 'prove',
    include: ['tests/**/*.prove.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
};

export default defineConfig({
  plugins: [stayInside(import.meta.dirname)],
  test: {
    pool: 'forks',
    // A test that waits for nothing hides a fault; one that needs chance prints its seed and repeats it.
    retry: 0,
    // For what hangs, like every limit here.
    expect: { poll: { timeout: 20_000 } },
    projects: proving ? [prove] : [unit, house],
  },
});
