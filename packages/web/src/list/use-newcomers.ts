import type { JobSummary } from '@daybook/core';
import { useEffect, useMemo, useState } from 'react';
import { liveLine } from '../live/live-line.ts';
import { liveRows } from '../live/live-rows.ts';
import { later } from '../live/timer.ts';
import { useSession } from '../shell/session.ts';
import { timeZone } from '../words/language.tsx';
import { newcomerTest } from './newcomers.ts';
import type { ListSearch } from './search.ts';

/** Jobs come in flocks; the number follows within this time, ms. */
const gatherFor = 400;

/**
 * How many jobs belong into the list and are not in it, because they came (or came to match) after it was loaded. They
 * enter when asked (ui.md, principle 6).
 */
export function useNewcomers(search: ListSearch, rows: readonly JobSummary[], hasMore: boolean): number {
  const [count, setCount] = useState(0);
  const me = useSession().name;
  const belongs = useMemo(
    () => newcomerTest(search, rows, hasMore, { me, now: Date.now(), timeZone }),
    [search, rows, hasMore, me],
  );
  useEffect(() => {
    let cancel: (() => void) | undefined;
    const recount = () => {
      cancel = undefined;
      setCount(liveRows.all().filter(belongs).length);
    };
    recount();
    const stop = liveLine.listen((message) => {
      if (message.type === 'job' && belongs(message.job)) cancel ??= later(gatherFor, recount);
    });
    return () => {
      cancel?.();
      stop();
    };
  }, [belongs]);
  return count;
}
