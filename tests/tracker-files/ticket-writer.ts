import { writeSync } from 'node:fs';
import { JobTracker } from '@daybook/sdk/tickets';

/**
 * Makes COUNT changes to tickets of DIRECTORY, picked by chance, and says each one that is done: `<id> <mark>`, where the
 * mark, found in the ticket once and never again, is what was added. Until it is killed.
 */
const [directory = '', name = '', count = '', ...ids] = process.argv.slice(2);
const tracker = new JobTracker(directory);

for (let n = 0; n < Number(count); n++) {
  const id = ids[Math.floor(Math.random() * ids.length)] as string;
  const mark = `${name}-${n}`;
  // Two of the methods add a mark; a third changes what all of them change, and so would undo what it had not seen.
  if (n % 2 === 0) await tracker.appendError(id, mark, undefined, false);
  else await tracker.updateContextData(id, mark, n);
  writeSync(1, `${id} ${mark}\n`);
  if (n % 10 === 0) await tracker.setJobStatus('running', id);
}
