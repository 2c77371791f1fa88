import { Daybook } from '../daybook.ts';

/** A worker whose handler keeps its main thread busy: `URL SPOOL MILLISECONDS`. Ends after one job. */
const [url, spoolDirectory, busy] = process.argv.slice(2);
const worker = new Daybook({ url, apiKey: 'test-key', spoolDirectory }).worker({ name: 'busy' }, () => {
  const end = Date.now() + Number(busy);
  while (Date.now() < end);
});
worker.once('end', (_job, { outcome }) => {
  process.stdout.write(outcome);
  void worker.stop();
});
await worker.closed;
