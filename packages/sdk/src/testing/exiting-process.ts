import { Daybook } from '../daybook.ts';

/** A script that ends in a way of its own without a word about its job's end: `URL SPOOL HOW`. */
const [url, spoolDirectory, how] = process.argv.slice(2);
const daybook = new Daybook({
  url,
  apiKey: 'test-key',
  spoolDirectory,
  onProblem: () => {},
  pace: { lastFlush: 500, requestTimeout: 1_000 },
});
const job = await daybook.createJob({ name: String(how) });
job.log('last words');
job.progress(50);

if (how === 'exit') process.exit(0);
if (how === 'exit 3') process.exit(3);
if (how === 'throw') throw new Error('nobody catches this');
// Otherwise the process simply runs out of work.
