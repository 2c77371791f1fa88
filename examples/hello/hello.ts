import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseConfigurationFile } from '@daybook/core';
import { Daybook } from '@daybook/sdk';

const name = process.argv[2] ?? 'World';
const daybook = new Daybook();

// The recipe: three steps and how much work each is. Registering the same one again is fine.
const recipes = join(import.meta.dirname, 'job_configurations.json');
const { configurations, problems } = parseConfigurationFile(readFileSync(recipes, 'utf8'));
if (configurations === undefined)
  throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
for (const configuration of configurations) await daybook.registerConfiguration(configuration);

await daybook.track({ name: `Hello ${name}`, configuration: 'my_job' }, async (job) => {
  await job.step('say_hello', (step) => {
    console.log(`Hello ${name}!`);
    step.metadata({ Message: `Hello ${name}!` });
  });

  await job.step('random_number', async (step) => {
    const numbers: number[] = [];
    for (let n = 1; n <= 10; n++) {
      await setTimeout(100); // real work takes its time
      numbers.push(randomInt(0, 101));
      step.progress(10 * n);
    }
    console.log('Random number', numbers.at(-1));
    step.metadata({ Number: numbers.at(-1) });
  });

  await job.step('say_bye', (step) => {
    console.log(`Bye ${name}!`);
    step.log(`Bye ${name}!`);
  });
});
