import { Journal } from '../spool/journal.ts';

/**
 * Writes a journal in `DIRECTORY` under a limit on file sizes, as a full disk is, and prints what it gives back; with `end`,
 * what is left of it when its process ends, undelivered.
 */
const directory = String(process.argv[2]);
const ends = process.argv[3] === 'end';
const journal = Journal.create(directory, {
  spool: 1,
  id: 'full',
  url: 'http://x/api/v1',
  create: { name: 'x' },
});
for (let n = 0; n < 1_000; n++)
  journal.append([JSON.stringify({ kind: 'log', message: 'x'.repeat(100), key: `${n}` })]);

if (ends) {
  journal.append([JSON.stringify({ kind: 'status', status: 'succeeded', key: 'end' })]);
  journal.close();
  process.stdout.write(JSON.stringify({ path: journal.path, lost: journal.lost }));
  process.exit();
}
// A note of the delivery is short and may still find room; the error is over then.
const { code } = journal.diskError as NodeJS.ErrnoException;
const keys: string[] = [];
for (let lines = await journal.peek(100); lines.length > 0; lines = await journal.peek(100)) {
  keys.push(...lines.map((line) => (JSON.parse(line) as { key: string }).key));
  journal.advance();
}
process.stdout.write(JSON.stringify({ code, lost: journal.lost, keys }));
