import type { Job } from '@daybook/core';
import { lazy, Suspense, useState } from 'react';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { useT } from '../words/language.tsx';

const ShareDialog = lazy(() =>
  import('./share-dialog.tsx').then((module) => ({ default: module.ShareDialog })),
);

/** Opens the links of a job, for whoever may make them. */
export function ShareButton({ job }: { job: Job }) {
  const t = useT();
  const mayShare = useMay('jobs.share');
  const [open, setOpen] = useState(false);
  if (!mayShare) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('action.share')}</Button>
      {open && (
        <Suspense>
          <ShareDialog job={job} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
