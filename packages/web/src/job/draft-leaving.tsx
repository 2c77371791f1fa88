import type { Job } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { announce, fallSilent } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import { readDraft } from './draft-store.ts';

/** Says so when somebody leaves a job with changes that are not saved. Nothing is lost, so nothing is asked. */
export function useDraftLeaving({ id }: Job): void {
  const t = useT();
  const say = useRef(() => {});
  say.current = () => {
    const draft = readDraft(id);
    if (!draft) return;
    announce(
      t('draft.left', { name: draft.name }),
      <Link to="/jobs/$id" params={{ id: String(id) }} onClick={fallSilent}>
        {t('draft.back')}
      </Link>,
    );
  };
  useEffect(() => () => say.current(), []);
}
