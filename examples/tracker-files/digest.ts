import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { JobTracker, TicketError } from '@daybook/sdk/tickets';

/*
 * The second process, of which any number may run: it digests the texts that count.ts has queued, until that one is done
 * and no text is left. Then the first to notice ends the whole.
 */
const tracker = new JobTracker();

class TakenError extends Error {}

for (;;) {
  const [whole] = await tracker.getJobs({ jobName: 'archive_folder' });
  const { job_status: status = '', current_step: step = 1 } = whole?.job_management ?? {};
  if (status === 'success' || status === 'failed') break; // another process has ended it
  const texts = await tracker.getJobs({ jobName: 'archive_text' });
  const left = texts.filter(({ job_management: job }) => !['success', 'failed'].includes(job.job_status));
  for (const { job_ticket_id: id } of left) if (await take(id)) await digest(id);
  if (whole !== undefined && step === 2 && left.length === 0) {
    const failed = await tracker.countChildJobs(whole.job_ticket_id, 'failed');
    const isFailed = failed > 0 && failed === texts.length;
    await tracker.setJobStatus(isFailed ? 'failed' : 'success', whole.job_ticket_id);
    console.log(`${texts.length - failed} of ${texts.length} texts are archived`);
    break;
  }
  await pause(100);
}

/** True for one process alone, however many try at the same time. */
async function take(id: string): Promise<boolean> {
  try {
    await tracker.updateTrackerFile(id, (ticket) => {
      const { job_status: status, current_step: step } = ticket.job_management;
      if (status !== 'queued' || step !== 2) throw new TakenError();
      return { ...ticket, job_management: { ...ticket.job_management, job_status: 'running' } };
    });
    return true;
  } catch (error) {
    if (error instanceof TakenError || error instanceof TicketError) return false;
    throw error;
  }
}

async function digest(id: string): Promise<void> {
  const { context } = await tracker.getTrackerFile(id);
  try {
    const bytes = await readFile(String(context['file']));
    await tracker.updateContextData(id, 'sha256', createHash('sha256').update(bytes).digest('hex'));
    await tracker.setJobStatus('success', id);
  } catch (error) {
    await tracker.appendError(id, 'the text cannot be digested', error);
  }
}
