import { formatMoment, formatRelativeTime } from '@daybook/core';
import { timeZone, useT } from '../words/language.tsx';
import { useNow } from './use-now.ts';

/** What is shown counts in steps, and clocks differ: so far ahead is still now, ms. */
const nearlyNow = 30_000;

/** How long ago, with the exact moment on hover. */
export function Ago({ at }: { at: string }) {
  const t = useT();
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={formatMoment(ms, t, timeZone)}>
      {formatRelativeTime(ms > now && ms - now < nearlyNow ? now : ms, now, t)}
    </time>
  );
}
