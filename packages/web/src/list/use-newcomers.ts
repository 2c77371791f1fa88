import type { JobSummary } from '@daybook/core';
import { useQueryClient } from '@tanstack/react-query';
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
  useBeginning();
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

/** What came between the first answer and the beginning of the stream was told to nobody, so the list is asked for again. */
function useBeginning(): void {
  const client = useQueryClient();
  useEffect(() => {
    if (liveLine.state === 'live') return undefined;
    const stop = liveLine.listen((message) => {
      if (message.type !== 'state' || message.state !== 'live') return;
      stop();
      // An answer that is still under way may have been found before, and would stand for the next one.
      const lists = client.getQueryCache().findAll({ queryKey: ['jobs'], type: 'active' });
      void Promise.allSettled(lists.map(({ promise }) => promise)).then(() =>
        client.invalidateQueries({ queryKey: ['jobs'] }),
      );
    });
    return stop;
  }, [client]);
}
