import { setTimeout as wait } from 'node:timers/promises';
import { Daybook } from '@daybook/sdk';

/**
 * A worker as people write one: `NAME LONGEST`. Each job takes up to LONGEST milliseconds, or as many as its parameter
 * `ms` says, and says all along which attempt does it: whoever reads the diary sees if one was heard that should not be.
 * Prints `ready`, `start ID ATTEMPT` and `end ID OUTCOME`. Ends when its stdin does.
 */
const [name, longest] = process.argv.slice(2);

const worker = new Daybook({ onProblem: () => {} }).worker(
  { name, configurations: ['work'] },
  async (job, context) => {
    const { attempt, signal } = context;
    print('start', job.id, attempt);
    const ms = Number(job.parameters?.['ms'] ?? Math.random() * Number(longest));
    for (const part of [1, 2, 3]) {
      context.metadata({ said: attempt });
      await context.step(`part ${part}`, async (step) => {
        step.progress(50, `attempt ${attempt}`);
        await wait(ms / 3, undefined, { signal });
      });
    }
    return { metadata: { doneBy: attempt } };
  },
);
worker.on('end', ({ id }, { outcome }) => print('end', id, outcome));
process.once('SIGTERM', () => void worker.stop());
// Nobody is left to work for.
process.stdin.once('end', () => process.exit()).resume();
print('ready');
await worker.closed;
process.stdin.destroy();

function print(...words: unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`);
}
