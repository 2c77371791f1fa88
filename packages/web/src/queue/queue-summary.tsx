import type { QueueOverview } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useT } from '../words/language.tsx';
import css from './queue.module.css';
import { due, jobsBehind, later, queuedBehind } from './queue-links.ts';

/** The queue in one line of words. */
export function QueueSummary({ queue }: { queue: QueueOverview }) {
  const t = useT();
  const sum = (of: (each: QueueOverview['configurations'][number]) => number) =>
    queue.configurations.reduce((all, each) => all + of(each), 0);
  const [waiting, scheduled, running] = [
    sum((each) => each.waiting),
    sum((each) => each.scheduled),
    sum((each) => each.running),
  ];
  const clauses: { key: string; count: number; content: ReactNode }[] = [
    {
      key: 'wait',
      count: waiting,
      content: (
        <Link to="/" search={queuedBehind(due)}>
          {t('queue.wait', { count: waiting })}
        </Link>
      ),
    },
    {
      key: 'later',
      count: scheduled,
      content: (
        <Link to="/" search={queuedBehind(later)} title={t('queue.scheduled.hint')}>
          {t('queue.later', { count: scheduled })}
        </Link>
      ),
    },
    {
      key: 'run',
      count: running,
      content: (
        <Link to="/" search={jobsBehind(['running'])}>
          {t('queue.run', { count: running })}
        </Link>
      ),
    },
    {
      key: 'workers',
      count: queue.workers.length,
      content: <a href="#workers">{t('queue.workers', { count: queue.workers.length })}</a>,
    },
    {
      key: 'stalled',
      count: queue.stalled,
      content: (
        <Link to="/" search={{ stalled: ['true'] }} className={css.warn} title={t('status.stalled.hint')}>
          {t('queue.stalled', { count: queue.stalled })}
        </Link>
      ),
    },
  ];
  const said = clauses.filter(({ count }) => count > 0);
  return (
    <p className={css.summary}>
      {said.length === 0 && t('queue.calm')}
      {said.map(({ key, content }, index) => (
        <span key={key}>
          {index > 0 && <span className={css.dot}> · </span>}
          {content}
        </span>
      ))}
    </p>
  );
}
