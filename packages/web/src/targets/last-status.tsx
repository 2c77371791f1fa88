import type { Target } from '@daybook/core';
import { JobStatusWord } from '../list/job-status.tsx';

/** A list of targets tells no progress: the job's own page does. */
export function LastStatus({ target }: { target: Target }) {
  return <JobStatusWord job={{ status: target.lastJob.status, progress: 0, stalled: false }} />;
}
