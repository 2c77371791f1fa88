import type { Job } from '@daybook/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { jobQuery } from '../api/queries.ts';
import { liveLine } from '../live/live-line.ts';
import { useLiveRow } from '../live/live-rows.ts';
import { later } from '../live/timer.ts';
import { Page } from '../shell/page.tsx';
import { useT } from '../words/language.tsx';
import { ProgressView } from './progress-view.tsx';

/** What comes thick and fast is loaded once within this time, ms. */
const soon = 500;

/** A job as the customer whom it names sees it. */
export function MyJob({ job: loaded }: { job: Job }) {
  const t = useT();
  const job = useLiveRow(loaded);
  useStepsOf(job.id);
  return (
    <Page
      title={job.name}
      actions={
        <Link to="/" search={{}}>
          {t('mine.back')}
        </Link>
      }
    >
      <ProgressView progress={job} />
    </Page>
  );
}

/** The stream tells customers of rows alone: the steps are asked for after each. */
function useStepsOf(id: number): void {
  const client = useQueryClient();
  useEffect(() => {
    let cancel: (() => void) | undefined;
    const stop = liveLine.listen((message) => {
      if (message.type !== 'job' || message.job.id !== id) return;
      cancel ??= later(soon, () => {
        cancel = undefined;
        void client.invalidateQueries({ queryKey: jobQuery(id).queryKey });
      });
    });
    return () => {
      cancel?.();
      stop();
    };
  }, [client, id]);
}
