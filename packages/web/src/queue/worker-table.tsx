import { formatDuration, formatPercent, type QueueOverview } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useNow } from '../ui/use-now.ts';
import { useT } from '../words/language.tsx';
import css from './queue.module.css';
import { type HeldJob, type Worker, type WorkerRow, WorkerRows } from './worker-rows.ts';

/** Who works, at what, and when it was last heard of. */
export function WorkerTable({ workers, at }: { workers: readonly Worker[]; at: number }) {
  const t = useT();
  const [lines] = useState(() => new WorkerRows());
  const rows = lines.rowsOf(workers, at);
  if (rows.length === 0) return <p className={css.quiet}>{t('queue.workers.none')}</p>;
  const columns: Column<WorkerRow>[] = [
    {
      key: 'worker',
      head: t('queue.worker'),
      look: 'lead',
      cell: ({ worker, isFirst }) => isFirst && worker.worker,
    },
    {
      key: 'heard',
      head: t('queue.worker.heard'),
      cell: ({ worker, isFirst }) => isFirst && <Heard worker={worker} />,
    },
    {
      key: 'job',
      head: t('queue.worker.job'),
      look: 'wide',
      cell: ({ job, isFirst }) => <JobOf job={job} isFirst={isFirst} />,
    },
    { key: 'step', head: t('field.step'), cell: ({ job }) => job?.step },
    {
      key: 'progress',
      head: t('field.progress'),
      cell: ({ job }) =>
        job && (
          <span className={css.progress}>
            <StatusMark status="running" progress={job.progress} />
            {job.progress > 0 && formatPercent(job.progress, t)}
          </span>
        ),
    },
    {
      key: 'held',
      head: t('queue.worker.held'),
      look: 'end',
      cell: ({ job }) => job && <HeldFor job={job} />,
    },
  ];
  return (
    <div id="workers">
      <DataTable label={t('queue.workers.title')} columns={columns} rows={rows} keyOf={({ key }) => key} />
    </div>
  );
}

/** Names that are shown: where a hundred wait, it matters that they do. */
const SHOWN = 10;

/** Who has nothing to do, and would take a job at once. */
export function IdleWorkers({ idle }: { idle: QueueOverview['idle'] }) {
  const t = useT();
  if (idle.length === 0) return null;
  const names = idle.slice(0, SHOWN).map(({ worker }) => worker);
  return (
    <p className={css.quiet}>
      {t('queue.workers.idle', { count: idle.length })} {names.join(', ')}
      {idle.length > SHOWN && ' …'}
    </p>
  );
}

/** In seconds, because a lease is a matter of seconds; once it is over, that is said in words. */
function Heard({ worker }: { worker: Worker }) {
  const t = useT();
  const now = useNow(true);
  const age = formatDuration(
    Math.max(0, Math.floor((now - Date.parse(worker.lastHeartbeatAt)) / 1_000) * 1_000),
    t,
  );
  const isSilent = worker.jobs.length > 0 && worker.jobs.every((job) => Date.parse(job.leaseExpiresAt) < now);
  return (
    <time dateTime={worker.lastHeartbeatAt} className={css.heard}>
      {age}
      {isSilent && <span className={css.warn}> {t('queue.worker.silent')}</span>}
    </time>
  );
}

function JobOf({ job, isFirst }: { job: HeldJob | undefined; isFirst: boolean }) {
  const t = useT();
  // A line that is kept is as high as one with a job.
  if (!job) return <span className={css.zero}>{isFirst ? t('queue.worker.nothing') : '\u00a0'}</span>;
  return (
    <Link to="/jobs/$id" params={{ id: String(job.id) }}>
      {job.name}
    </Link>
  );
}

function HeldFor({ job }: { job: HeldJob }) {
  const t = useT();
  const now = useNow(true);
  return formatDuration(Math.max(0, now - Date.parse(job.claimedAt)), t);
}
