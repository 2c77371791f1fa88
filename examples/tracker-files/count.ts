import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { JobTracker } from '@daybook/sdk/tickets';

/*
 * The first process: a ticket for each text of a folder, and its words counted. What it is done with is queued on the next
 * step, where digest.ts finds it. Tickets are in JOB_DATA_BASEDIR.
 */
const folder = resolve(process.argv[2] ?? '.');
const tracker = new JobTracker(undefined, { templatesDirectory: join(import.meta.dirname, 'templates') });

const { job_ticket_id: whole } = await tracker.initTrackerFile('archive_folder', { folder });
await tracker.setJobStatus('running', whole, '');

for (const name of (await readdir(folder)).sort()) {
  const { job_ticket_id: id } = await tracker.initTrackerFile(
    'archive_text',
    { file: join(folder, name), space: name.startsWith('draft') ? 'drafts' : 'texts' },
    whole,
  );
  await countWords(id, join(folder, name));
}
await tracker.advance(whole); // nothing is added any more: digest.ts may end when it has done all of them
console.log(whole);

async function countWords(id: string, file: string): Promise<void> {
  await tracker.setJobStatus('running', id, '');
  try {
    const text = await readFile(file, 'utf8');
    const { job_management: job } = await tracker.updateContextData(
      id,
      'words',
      text.match(/\S+/g)?.length ?? 0,
    );
    const isLastStep = Object.keys(job.steps).length === 1;
    if (!isLastStep) await tracker.advance(id);
    await tracker.setJobStatus(isLastStep ? 'success' : 'queued', id);
  } catch (error) {
    await tracker.appendError(id, 'the words cannot be counted', error);
  }
}
