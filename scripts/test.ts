import { compile, lint, types, vitest } from './stages.ts';
import { closingLine, sum, type Tally } from './tally.ts';

/*
 * npm test [FILTER]: everything that must hold before a commit. Each part runs even if one before it failed, so that
 * one run shows all faults. FILTER (part of a path) narrows the tests, as Vitest's own filter does.
 */
async function main(filters: readonly string[]): Promise<Tally> {
  const linted = await lint();
  const built = await compile();
  const typed = await types();
  if (built.failed > 0)
    console.log('The house tests are left out: they would test the build before this one.');
  const projects = built.failed > 0 ? ['--project=unit'] : [];
  return sum([linted, built, typed, await vitest([...projects, ...filters])]);
}

const tally = await main(process.argv.slice(2));
if (tally.failed > 0) process.exitCode = 1;
console.log(`\n${closingLine(tally)}`);
