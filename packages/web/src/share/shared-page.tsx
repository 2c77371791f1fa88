import { formatDay, formatRelativeTime, isActive, type SharedProgress } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError, call } from '../api/client.ts';
import { ProgressView } from '../customer/progress-view.tsx';
import { Page } from '../shell/page.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useNow } from '../ui/use-now.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './shared-page.module.css';

/** How often a job is asked for that goes on, and one that has ended: somebody may retry it. Milliseconds. */
const often = 5_000;
const seldom = 60_000;

/**
 * How one job goes, for whoever has the link. Its token stands in the fragment, which no server, log or Referer gets; it
 * stays there, so that the page can be kept and loaded again.
 */
export function SharedPage() {
  const t = useT();
  const token = useFragment();
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ['shared', token],
    queryFn: ({ signal }) =>
      call<SharedProgress>('/shared-progress', { method: 'POST', body: { token }, signal }),
    refetchInterval: (query) => {
      if (isGone(query.state.error)) return false;
      return query.state.data === undefined || isActive(query.state.data.status) ? often : seldom;
    },
    refetchOnWindowFocus: true,
  });
  if (isGone(error)) {
    return (
      <Page title={t('progress.gone.title')}>
        <p>{t('progress.gone.explain')}</p>
      </Page>
    );
  }
  if (!data) return <main id="content">{error && <ErrorNote error={error} />}</main>;
  return (
    <Page title={data.name}>
      {error && <Lost since={dataUpdatedAt} />}
      <ProgressView progress={data} />
      <p className={css.until}>
        {t('progress.until', { day: formatDay(Date.parse(data.expiresAt), t, timeZone) })}
      </p>
    </Page>
  );
}

function Lost({ since }: { since: number }) {
  const t = useT();
  const now = useNow();
  return (
    <p className={css.lost} role="status">
      {t('progress.lost', { when: formatRelativeTime(since, now, t) })}
    </p>
  );
}

/** A link that will not come back to life. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 400);
}

/** The fragment of the address, as it is now: whoever pastes another link stays on the page. */
function useFragment(): string {
  return useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed);
      return () => removeEventListener('hashchange', changed);
    },
    () => location.hash.slice(1),
  );
}
