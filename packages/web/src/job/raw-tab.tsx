import type { Job } from '@daybook/core';
import { CodeBlock } from '../ui/copy.tsx';
import { useT } from '../words/language.tsx';

/** The job as the API answers it. */
export function RawTab({ job }: { job: Job }) {
  const t = useT();
  return <CodeBlock label={t('job.raw.label', { id: job.id })} code={JSON.stringify(job, null, 2)} />;
}
