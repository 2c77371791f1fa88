import type { MaintenanceStatus } from '@daybook/core';
import { useMemo, useState } from 'react';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import { PauseDialog, ResumeDialog } from './pause-dialog.tsx';

/** The switch of the queue, for who may operate it. A reason is asked for either way. */
export function PauseSwitch({ status }: { status: MaintenanceStatus | undefined }) {
  const t = useT();
  const may = useMay('maintenance.manage');
  const [asked, setAsked] = useState<'pause' | 'resume'>();
  const wanted = may && status ? (status.paused ? 'resume' : 'pause') : undefined;
  useShortcuts(
    useMemo(
      (): Shortcut[] =>
        wanted ? [{ keys: 'p', label: t(`pause.${wanted}`), run: () => setAsked(wanted) }] : [],
      [t, wanted],
    ),
  );
  if (!wanted) return null;
  const close = () => setAsked(undefined);
  return (
    <>
      {wanted === 'resume' ? (
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
