import type { JobEvent } from '@daybook/core';
import type { QueryClient } from '@tanstack/react-query';
import { jobQuery, reportedFilesQuery, sessionQuery, timelineQuery } from '../api/queries.ts';
import type { LiveLine } from './live-line.ts';
import { liveRows } from './live-rows.ts';
import { later } from './timer.ts';
import { withEvent } from './with-event.ts';

/** Counts follow what happened within this time, ms; a job that is open follows faster. */
const countsAfter = 1_500;
const jobAfter = 300;

/** Brings what the stream says into what was loaded. Called once, at the start. */
export function applyLive(line: LiveLine, client: QueryClient): void {
  const soon = new Soon();
  const countAgain = () =>
    soon.call('facets', countsAfter, () => client.invalidateQueries({ queryKey: ['facets'] }));
  line.listen((message) => {
    switch (message.type) {
      case 'job':
        return liveRows.put(message.job);
      case 'event':
        if (changesCounts(message.event)) countAgain();
        return showEvent(message.event);
      case 'log':
        return;
      case 'reset':
        liveRows.clear();
        void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
        return;
      case 'state':
        // Asked, not assumed: the hub may speak of a session that another tab has renewed meanwhile.
        if (message.state === 'signed-out')
          void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
        return;
    }
  });

  function showEvent(event: JobEvent): void {
    loadSoon(jobQuery(event.jobId).queryKey);
    if (event.kind === 'file' || event.kind === 'link') loadSoon(reportedFilesQuery(event.jobId).queryKey);
    const timeline = timelineQuery(event.jobId).queryKey;
    const state = client.getQueryState(timeline);
    // A timeline may have been loaded over many pages. An answer that is under way may or may not hold the event.
    if (state?.data && state.fetchStatus === 'idle' && !state.isInvalidated)
      client.setQueryData(timeline, (known) => known && { ...known, pages: withEvent(known.pages, event) });
    else loadSoon(timeline);
  }

  function loadSoon(queryKey: readonly unknown[]): void {
    if (client.getQueryState(queryKey))
      soon.call(queryKey.join(), jobAfter, () => client.invalidateQueries({ queryKey }));
  }
}

function changesCounts(event: JobEvent): boolean {
  return (
    event.kind === 'created' ||
    event.kind === 'status' ||
    event.kind === 'error' ||
    event.kind === 'annotation'
  );
}

/** Gathers what comes thick and fast: the first call waits, and those that come meanwhile are served by it. */
class Soon {
  readonly #waiting = new Set<string>();

  call(name: string, ms: number, run: () => unknown): void {
    if (this.#waiting.has(name)) return;
    this.#waiting.add(name);
    later(ms, () => {
      this.#waiting.delete(name);
      run();
    });
  }
}
