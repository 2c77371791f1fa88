import type { MaintenanceStatus } from '@daybook/core';
import { useState } from 'react';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { useT } from '../words/language.tsx';
import { PauseDialog, ResumeDialog } from './pause-dialog.tsx';

/** The switch of the queue, for who may operate it. A reason is asked for either way. */
export function PauseSwitch({ status }: { status: MaintenanceStatus | undefined }) {
  const t = useT();
  const may = useMay('maintenance.manage');
  const [asked, setAsked] = useState<'pause' | 'resume'>();
  if (!may || !status) return null;
  const close = () => setAsked(undefined);
  return (
    <>
      {status.paused ? (
        <Button look="main" onClick={() => setAsked('resume')}>
          {t('pause.resume')}
        </Button>
      ) : (
        <Button onClick={() => setAsked('pause')}>{t('pause.pause')}</Button>
      )}
      {asked === 'pause' && <PauseDialog plan={false} onClose={close} />}
      {asked === 'resume' && <ResumeDialog onClose={close} />}
    </>
  );
}
