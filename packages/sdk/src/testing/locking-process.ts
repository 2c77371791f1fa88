import { mkdirSync, rmdirSync, writeSync } from 'node:fs';
import { FileLock } from '../spool/file-lock.ts';

/**
 * Takes the lock `PATH` if it can. With `hold` it keeps it until it is killed; otherwise it checks with a directory that
 * nobody else has the lock at the same time, and lets go.
 */
const [path = '', hold] = process.argv.slice(2);
let answer = 'busy';
for (let n = 0; n < 20; n++) {
  const lock = FileLock.take(path);
  if (lock === undefined) continue;
  if (hold === 'hold') {
    writeSync(1, 'holding\n');
    setInterval(() => {}, 1_000);
    break;
  }
  answer = together() ? 'together' : 'alone';
  lock.release();
  if (answer === 'together') break;
}
if (hold !== 'hold') writeSync(1, `${answer}\n`);

function together(): boolean {
  try {
    mkdirSync(`${path}.inside`);
    for (const end = Date.now() + 5; Date.now() < end; );
    rmdirSync(`${path}.inside`);
    return false;
  } catch {
    return true;
  }
}
