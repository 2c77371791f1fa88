import { writeSync } from 'node:fs';
import { Daybook } from '../daybook.ts';

/**
 * A script that reports as fast as it can until it is killed: `URL SPOOL`. It prints the number of a fact once the call
 * that reported it has returned: from then on it must reach the server whatever happens.
 */
const [url, spoolDirectory] = process.argv.slice(2);
const daybook = new Daybook({
  url,
  apiKey: 'test-key',
  spoolDirectory,
  onProblem: () => {},
  pace: { linger: 5, firstRetry: 5 },
});
const job = daybook.startJob({ name: 'to be killed' });

for (let fact = 1; ; fact++) {
  job.log(`line ${fact}`);
  job.metadata({ fact });
  writeSync(1, `${fact}\n`);
  if (fact % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
