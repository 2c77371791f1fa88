import { formatPercent, formatTimeLeft, isActive, isEnded, type Job } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { call } from '../api/client.ts';
import { jobQuery } from '../api/queries.ts';
import { errorText } from '../configurations/error-text.ts';
import { JobStatusWord } from '../list/job-status.tsx';
import { readSearch } from '../list/search.ts';
import { ShareButton } from '../share/share-button.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import css from './job-header.module.css';
import { useNeighbours } from './neighbours.ts';

export function JobHeader({ job }: { job: Job }) {
  const t = useT();
  return (
    <header className={css.header}>
      <div className={css.line}>
        <p className={css.number}>{t('job.title', { id: job.externalId ?? job.id })}</p>
        <h1 className={css.name}>{job.name}</h1>
        <span className={css.status}>
          <JobStatusWord job={job} />
        </span>
        {isEnded(job.status) && job.progress > 0 && job.progress < 100 && (
          <span className={css.left}>{t('job.reached', { percent: formatPercent(job.progress, t) })}</span>
        )}
        {job.status === 'running' && job.timeLeft && (
          <span className={css.left} title={t(`timeLeft.basis.${job.timeLeft.basis}`)}>
            {formatTimeLeft(job.timeLeft, t)}
            {job.timeLeft.usualError !== undefined && (
              <span className={css.error} title={t('timeLeft.usually.hint')}>
                {t('timeLeft.usually', { error: errorText(job.timeLeft.usualError, t) })}
              </span>
            )}
          </span>
        )}
        <div className={css.actions}>
          <JobActions job={job} />
          <Neighbours id={job.id} />
        </div>
      </div>
      <Facts job={job} />
    </header>
  );
}

/** What kind of job, whose, and of what: each leads to the list of its like. */
function Facts({ job }: { job: Job }) {
  const t = useT();
  const facts: { key: string; content: ReactNode }[] = [];
  const kind = `kind.${job.kind}` as 'kind.script';
  const add = (key: string, content: ReactNode) => facts.push({ key, content });
  add(
    t('field.kind'),
    <Link to="/" search={{ kind: [job.kind] }}>
      {['simulation', 'import', 'ingest', 'script', 'command'].includes(job.kind) ? t(kind) : job.kind}
    </Link>,
  );
  if (job.configuration) {
    add(
      t('field.configuration'),
      <Link to="/configurations/$tag" params={{ tag: job.configuration.tag }}>
        {job.configuration.tag} {job.configuration.version}
      </Link>,
    );
  }
  if (job.target) {
    add(
      t('field.target'),
      <Link to="/" search={{ target: [job.target] }}>
        {job.target}
        {job.operation && ` · ${job.operation}`}
      </Link>,
    );
  }
  if (job.project)
    add(
      t('field.project'),
      <Link to="/" search={{ project: [job.project] }}>
        {job.project}
      </Link>,
    );
  if (job.user)
    add(
      t('field.user'),
      <Link to="/" search={{ user: [job.user] }}>
        {job.user}
      </Link>,
    );
  if (job.externalId) add(t('field.id'), `#${job.id}`);
  if (job.parentId) {
    add(
      t('field.parentId'),
      <Link to="/jobs/$id" params={{ id: String(job.parentId) }}>
        #{job.parentId}
      </Link>,
    );
  }
  if (job.attempt > 1 || job.maxAttempts > 1) {
    add(
      t('field.attempt'),
      job.maxAttempts > 1 ? `${job.attempt} / ${job.maxAttempts}` : String(job.attempt),
    );
  }
  return (
    <dl className={css.facts}>
      {facts.map(({ key, content }) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{content}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Previous and next in the list that the job was opened from; without one, only the way back. */
function Neighbours({ id }: { id: number }) {
  const t = useT();
  const navigate = useNavigate();
  const { list = '' } = useLocation().state;
  const { previous, next } = useNeighbours(id, list);
  const shortcuts = useMemo((): Shortcut[] => {
    const open = (to: number | undefined) =>
      to !== undefined &&
      void navigate({ to: '/jobs/$id', params: { id: String(to) }, search: true, state: { list } });
    return [
      { keys: 'k', label: t('keyboard.previousJob'), run: () => open(previous) },
      { keys: 'j', label: t('keyboard.nextJob'), run: () => open(next) },
      {
        keys: 'b',
        label: t('keyboard.back'),
        run: () =>
          void navigate({ to: '/', search: readSearch(Object.fromEntries(new URLSearchParams(list))) }),
      },
    ];
  }, [t, navigate, list, previous, next]);
  useShortcuts(shortcuts);
  return (
    <nav className={css.neighbours} aria-label={t('nav.back')}>
      <Link to="/" search={readSearch(Object.fromEntries(new URLSearchParams(list)))}>
        {t('job.list')}
      </Link>
      <Neighbour id={previous} list={list} label={t('nav.previous')} sign="‹" />
      <Neighbour id={next} list={list} label={t('nav.next')} sign="›" />
    </nav>
  );
}

function Neighbour({
  id,
  list,
  label,
  sign,
}: {
  id: number | undefined;
  list: string;
  label: string;
  sign: string;
}) {
  if (id === undefined) {
    return (
      <span className={css.none} aria-hidden="true">
        {sign}
      </span>
    );
  }
  return (
    <Link
      to="/jobs/$id"
      params={{ id: String(id) }}
      search={true}
      state={{ list }}
      aria-label={label}
      title={label}
    >
      {sign}
    </Link>
  );
}

function JobActions({ job }: { job: Job }) {
  const t = useT();
  const mayRetry = useMay('jobs.retry');
  const mayCancel = useMay('jobs.cancel');
  const [asked, setAsked] = useState<'retry' | 'cancel'>();
  return (
    <>
      {mayRetry && isEnded(job.status) && (
        <Button onClick={() => setAsked('retry')}>{t('action.retry')}</Button>
      )}
      {mayCancel && isActive(job.status) && (
        <Button onClick={() => setAsked('cancel')}>{t('action.cancelJob')}</Button>
      )}
      <ShareButton job={job} />
      {asked && <ConfirmAction job={job} action={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function ConfirmAction({
  job,
  action,
  onClose,
}: {
  job: Job;
  action: 'retry' | 'cancel';
  onClose: () => void;
}) {
  const t = useT();
  const client = useQueryClient();
  const id = job.externalId ?? String(job.id);
  const send = useMutation({
    mutationFn: () => call<Job>(`/jobs/${job.id}/${action}`, { method: 'POST', body: {} }),
    onSuccess: (changed) => {
      client.setQueryData(jobQuery(job.id).queryKey, changed);
      announce(t(`job.${action}.done`, { id }));
      onClose();
    },
  });
  const retry = action === 'retry';
  return (
    <Dialog title={t(`job.${action}.title`, { id })} onClose={onClose}>
      <p>{retry ? t('job.retry.explain', { attempt: job.attempt + 1 }) : explainCancel(job, t)}</p>
      {send.error && <ErrorNote error={send.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look={retry ? 'main' : 'risky'} disabled={send.isPending} onClick={() => send.mutate()}>
          {retry ? t('action.retry') : t('action.cancelJob')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function explainCancel(job: Job, t: ReturnType<typeof useT>): string {
  return job.execution === 'claimed' ? t('job.cancel.explain') : t('job.cancel.reported');
}
