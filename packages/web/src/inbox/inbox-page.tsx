import { formatCount } from '@daybook/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { inboxQuery } from '../api/diary-queries.ts';
import { jobQuery } from '../api/queries.ts';
import type { JobPage } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { useMay, useSession } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { useT } from '../words/language.tsx';
import { Evidence } from './evidence.tsx';
import css from './inbox.module.css';
import { Question } from './question.tsx';
import { useJudging, type Waiting, walkKey } from './use-judging.ts';
import { verdictKeys } from './verdict-keys.ts';

const route = getRouteApi('/inbox');

/** Jobs that ended and wait for a verdict, one at a time: a key to judge, a key for the next. */
export function InboxPage() {
  const t = useT();
  const { of = 'me' } = route.useSearch();
  const me = useSession().name;
  const { data, error, refetch } = useQuery(inboxQuery(of === 'all' ? undefined : me));
  const waiting = useMemo(() => waitingIn(data), [data]);
  const client = useQueryClient();
  const walks =
    (waiting !== undefined && waiting.ids.length > 0) || client.getQueryData(walkKey(of)) !== undefined;
  return (
    <Page
      wide
      title={t('nav.inbox')}
      actions={
        <nav className={css.whose} aria-label={t('nav.inbox')}>
          <Link to="/inbox" activeOptions={{ exact: true }} aria-current={of === 'me' ? 'true' : undefined}>
            {t('inbox.mine')}
          </Link>
          <Link to="/inbox" search={{ of: 'all' }} aria-current={of === 'all' ? 'true' : undefined}>
            {t('inbox.everybody')}
          </Link>
        </nav>
      }
    >
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton />}
      {waiting && !walks && (
        <Empty title={t('inbox.empty.title')}>
          <p>{t('inbox.empty.explain')}</p>
          {of === 'me' && (
            <p>
              <Link to="/inbox" search={{ of: 'all' }}>
                {t('inbox.empty.everybody')}
              </Link>
            </p>
          )}
        </Empty>
      )}
      {data && waiting && walks && (
        <Pile
          // Another pile is another walk.
          key={of}
          whose={of}
          waiting={waiting}
          exact={data.totalIsExact !== false}
          onMore={async () => waitingIn((await refetch()).data)}
        />
      )}
    </Page>
  );
}

function waitingIn(page: JobPage | undefined): Waiting | undefined {
  return (
    page && {
      ids: page.items.map(({ id }) => id),
      total: Math.max(page.total ?? 0, page.items.length),
    }
  );
}

interface PileProps {
  readonly whose: string;
  readonly waiting: Waiting;
  readonly exact: boolean;
  /** Asks what waits now. */
  readonly onMore: () => Promise<Waiting | undefined>;
}

function Pile({ whose, waiting, exact, onMore }: PileProps) {
  const t = useT();
  const navigate = useNavigate();
  const mayJudge = useMay('jobs.annotate');
  const walk = useJudging(whose, waiting);
  const { current, judged, skipped, total } = walk;
  const more = async () => {
    const next = await onMore();
    if (next) walk.more(next);
  };
  const {
    data: job,
    error,
    refetch,
  } = useQuery({ ...jobQuery(current ?? 0), enabled: current !== undefined });
  useShortcuts(
    useMemo((): Shortcut[] => {
      const always = [
        { keys: 'b', label: t('inbox.back'), run: walk.back },
        ...(mayJudge ? [{ keys: 'u', label: t('action.undo'), run: walk.undo }] : []),
      ];
      if (!job) return always;
      const verdicts = verdictKeys.map(({ key, assessment, label }) => ({
        keys: key,
        label: t(label),
        run: () => walk.judge(job, assessment),
      }));
      const comment = () => document.querySelector<HTMLElement>('[data-comment]')?.focus();
      return [
        ...(mayJudge ? [...verdicts, { keys: 'c', label: t('inbox.comment'), run: comment }] : []),
        { keys: 's', label: t('inbox.skip'), run: walk.skip },
        ...always,
        {
          keys: 'Enter',
          label: t('inbox.open'),
          run: () => void navigate({ to: '/jobs/$id', params: { id: String(job.id) } }),
        },
      ];
    }, [t, navigate, job, walk, mayJudge]),
  );
  return (
    <div className={css.pile}>
      <p className={css.progress} role="status">
        <progress value={judged} max={total} aria-label={t('nav.inbox')} />
        {t('inbox.progress', {
          done: formatCount(judged, t),
          total: formatCount(total, t, { atLeast: !exact }),
        })}
        {skipped > 0 && ` · ${t('inbox.skipped', { count: skipped })}`}
      </p>
      {walk.problem !== null && <ErrorNote error={walk.problem} />}
      {current === undefined && (
        <Empty title={t('inbox.done.title')}>
          <p>{t('inbox.done.explain', { count: judged })}</p>
          <p className={css.ends}>
            {skipped > 0 && <Button onClick={walk.again}>{t('inbox.again')}</Button>}
            {total > judged + skipped && <Button onClick={() => void more()}>{t('jobs.more')}</Button>}
            {judged > 0 && (
              <Button look="plain" onClick={walk.undo}>
                {t('action.undo')}
              </Button>
            )}
          </p>
        </Empty>
      )}
      {current !== undefined && error && !job && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {current !== undefined && job && (
        <article className={css.card} aria-labelledby="inbox-job">
          <Question key={job.id} job={job} walk={walk} mayJudge={mayJudge} />
          <Evidence job={job} />
        </article>
      )}
    </div>
  );
}
