import { Daybook } from '../daybook.ts';

/** `daybook sync` without its words: `URL SPOOL`. */
const [url, spoolDirectory] = process.argv.slice(2);
const outcomes: string[] = [];
for await (const outcome of new Daybook({ url, apiKey: 'test-key', spoolDirectory }).sync())
  outcomes.push(outcome.kind);
process.stdout.write(outcomes.join('\n'));
