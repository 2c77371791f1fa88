import {
  dash,
  formatCount,
  formatDuration,
  formatMoment,
  type Source,
  type SourceCheck,
} from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../api/client.ts';
import type { List } from '../api/wire.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Ago } from '../ui/time.tsx';
import { announce } from '../ui/toast.tsx';
import { timeZone, useT } from '../words/language.tsx';
import { SourceChecks } from './source-checks.tsx';
import { SourceProblems } from './source-problems.tsx';
import { sourcesQuery } from './source-queries.ts';
import { Sentence, StateMark } from './source-text.tsx';
import css from './sources.module.css';

/** One source: its last look, how old what it knows is, its jobs, and what it could not read. */
export function SourceCard({ source, onEdit }: { source: Source; onEdit: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
  const test = useMutation({
    mutationFn: () => call<List<SourceCheck>>(`/sources/${source.id}/test`, { method: 'POST' }),
  });
  const poll = useMutation({
    mutationFn: () => call(`/sources/${source.id}/poll`, { method: 'POST' }),
    onSuccess: () => announce(t('source.polled')),
  });
  const pause = useMutation({
    mutationFn: () => {
      const body = { version: source.version, enabled: !source.enabled };
      return call(`/sources/${source.id}`, { method: 'PATCH', body });
    },
    onSettled: refresh,
  });
  const error = test.error ?? poll.error ?? pause.error;
  const isPolled = source.state !== 'idle' && source.state !== 'paused';
  return (
    <section className={css.card} aria-label={t('source.title', { name: source.name })}>
      <header className={css.head}>
        <h2>{source.name}</h2>
        <span className={css.kind}>{source.kind}</span>
        <StateMark state={source.state} />
        <span className={css.verbs}>
          <Button onClick={() => test.mutate()} disabled={test.isPending}>
            {t(test.data ? 'source.test.again' : 'source.test')}
          </Button>
          {isPolled && (
            <Button onClick={() => poll.mutate()} disabled={poll.isPending}>
              {t('source.poll')}
            </Button>
          )}
          <Button onClick={() => pause.mutate()} disabled={pause.isPending}>
            {t(source.enabled ? 'source.pause' : 'source.resume')}
          </Button>
          <Button onClick={onEdit}>{t('source.settings')}</Button>
          <Button look="risky" onClick={() => setRemoving(true)}>
            {t('source.remove')}
          </Button>
        </span>
      </header>
      {source.state === 'stale' && <Stale source={source} />}
      <Facts source={source} />
      {error && <ErrorNote error={error} />}
      {test.data && <SourceChecks checks={test.data.items} />}
      {source.problems > 0 && <SourceProblems source={source} />}
      {removing && <RemoveSource source={source} onClose={() => setRemoving(false)} />}
    </section>
  );
}

function Stale({ source: { okAt, failures, error } }: { source: Source }) {
  const t = useT();
  const when = okAt === null ? undefined : formatMoment(Date.parse(okAt), t, timeZone);
  return (
    <p className={css.stale} role="status">
      {when === undefined ? t('source.stale.never') : t('source.stale', { count: failures, when })}{' '}
      {error && <Sentence of={error} />}
    </p>
  );
}

function Facts({ source }: { source: Source }) {
  const t = useT();
  const { cycle, settings } = source;
  const directory = settings['directory'];
  return (
    <dl className={css.facts}>
      {typeof directory === 'string' && (
        <Fact name={t('source.setting.directory')}>
          <code>{directory}</code>
        </Fact>
      )}
      <Fact name={t('source.lastLook')}>
        {source.cycleAt === null ? t('source.state.new') : <Ago at={source.cycleAt} />}
        {source.cycleSeconds !== null && (
          <span className={css.quiet}>
            {' '}
            {t('source.tookSeconds', { seconds: source.cycleSeconds.toFixed(1) })}
          </span>
        )}
      </Fact>
      <Fact name={t('source.lag')} hint={t('source.lag.hint')}>
        {source.lagSeconds === null ? dash : formatDuration(Math.round(source.lagSeconds) * 1_000, t)}
      </Fact>
      <Fact name={t('source.jobs')}>
        {source.jobs === 0 ? (
          0
        ) : (
          <Link to="/" search={{ source: source.name } as never}>
            {formatCount(source.jobs, t)}
          </Link>
        )}
      </Fact>
      {cycle && (
        <Fact name={t('source.found')}>
          {t('source.found.counts', { seen: cycle.seen, changed: cycle.changed, created: cycle.created })}
        </Fact>
      )}
      <Fact name={t('source.problems')}>{formatCount(source.problems, t)}</Fact>
      {source.conflicts > 0 && <Fact name={t('source.conflicts')}>{formatCount(source.conflicts, t)}</Fact>}
      {source.provider && <Fact name={t('source.provider')}>{source.provider}</Fact>}
    </dl>
  );
}

function Fact({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function RemoveSource({ source, onClose }: { source: Source; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => call(`/sources/${source.id}`, { method: 'DELETE' }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog title={t('source.remove.sure', { name: source.name })} onClose={onClose}>
      <p>{t('source.remove.explain')}</p>
      {remove.error && <ErrorNote error={remove.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look="risky" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {t('source.remove')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
