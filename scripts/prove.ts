import { parseArgs } from 'node:util';
import { compile, vitest } from './stages.ts';
import { closingLine, sum, type Tally } from './tally.ts';

/*
 * npm run prove -- [--budget short|full] [FILTER]: the long proofs, *.prove.ts below tests/. They read the budget from
 * DAYBOOK_PROVE_BUDGET. (The harnesses in bench/ measure; they prove nothing and are run by hand.)
 */
const budgets = ['short', 'full'];

async function main(budget: string, filters: readonly string[]): Promise<Tally> {
  const built = await compile();
  if (built.failed > 0) return built;
  const variables = { DAYBOOK_PROVE: '1', DAYBOOK_PROVE_BUDGET: budget };
  return sum([built, await vitest(filters, variables)]);
}

const { values, positionals } = parseArgs({
  options: { budget: { type: 'string', default: process.env.DAYBOOK_PROVE_BUDGET ?? 'full' } },
  allowPositionals: true,
});
if (!budgets.includes(values.budget)) {
  console.error(`--budget is ${budgets.join(' or ')}, not ${values.budget}`);
  process.exit(64);
}
const tally = await main(values.budget, positionals);
if (tally.failed > 0) process.exitCode = 1;
console.log(`\n${closingLine(tally)}`);
