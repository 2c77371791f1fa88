import { formatClock } from '@daybook/core';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { liveLine } from '../live/live-line.ts';
import type { LiveState } from '../live/protocol.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './live-note.module.css';

/** A short break is nobody's business, ms. */
const quietFor = 2_000;

const listen = (call: () => void) => liveLine.listen((message) => message.type === 'state' && call());

export function useLiveState(): LiveState {
  return useSyncExternalStore(listen, () => liveLine.state);
}

/** One quiet line while the server does not answer. It lies over the page, so that nothing jumps when it comes and goes. */
export function LiveNote({ signedIn }: { signedIn: boolean }) {
  const t = useT();
  const state = useLiveState();
  const lostAt = useRef(0);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (state !== 'away') {
      setShown(false);
      return;
    }
    lostAt.current = Date.now();
    const timer = setTimeout(() => setShown(true), quietFor);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div role="status" className={css.place}>
      {signedIn && shown && (
        <p className={css.note}>{t('live.lost', { when: formatClock(lostAt.current, t, timeZone) })}</p>
      )}
    </div>
  );
}
