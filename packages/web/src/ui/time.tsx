import { formatMoment, formatRelativeTime } from '@daybook/core';
import { timeZone, useT } from '../words/language.tsx';
import { useNow } from './use-now.ts';

/** How long ago, with the exact moment on hover. */
export function Ago({ at }: { at: string }) {
  const t = useT();
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={formatMoment(ms, t, timeZone)}>
      {formatRelativeTime(ms, now, t)}
    </time>
  );
}
