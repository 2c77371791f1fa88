import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobTracker } from '@daybook/sdk/tickets';
import { expect, it, onTestFinished } from 'vitest';
import { ended } from '../cli/diary.ts';

const example = join(import.meta.dirname, '../../examples/tracker-files');

it('the example: two programs share the texts of a folder by their tickets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-example-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [texts, jobs] = [join(folder, 'texts'), join(folder, 'jobs')];
  for (const each of [texts, jobs]) mkdirSync(each);
  for (let n = 0; n < 6; n++) writeFileSync(join(texts, `text-${n}`), 'word '.repeat(n));
  writeFileSync(join(texts, 'draft-1'), 'not yet');
  mkdirSync(join(texts, 'no-text'));
  const run = (program: string, ...words: string[]) =>
    ended(
      spawn(process.execPath, [join(example, program), ...words], {
        env: { ...process.env, JOB_DATA_BASEDIR: jobs },
      }),
    );
  const all = await Promise.all([run('count.ts', texts), run('digest.ts'), run('digest.ts')]);
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(3).fill({ code: 0, stderr: '' }));
  expect(all.map(({ stdout }) => stdout).join('')).toContain('7 of 8 texts are archived');

  const tracker = new JobTracker(jobs);
  const [whole] = await tracker.getJobs({ jobName: 'archive_folder' });
  expect(whole?.job_management).toMatchObject({ job_status: 'success', current_step: 2 });
  const children = await tracker.getChildJobs(String(whole?.job_ticket_id));
  const byFile = new Map(children.map((ticket) => [ticket.context['file'], ticket]));
  expect(byFile.get(join(texts, 'text-3'))).toMatchObject({
    job_management: { job_status: 'success', current_step: 2 },
    context: { words: 3, sha256: createHash('sha256').update('word word word ').digest('hex') },
  });
  expect(byFile.get(join(texts, 'draft-1'))).toMatchObject({
    job_management: { steps: { 1: 'count_words' }, job_status: 'success' },
  });
  expect(byFile.get(join(texts, 'no-text'))).toMatchObject({
    job_management: { job_status: 'failed' },
    context: { errors_encountered: [{ exception: expect.stringContaining('EISDIR'), step: 1 }] },
  });
});
