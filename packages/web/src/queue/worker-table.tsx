import { formatDuration, formatPercent, type QueueOverview } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useNow } from '../ui/use-now.ts';
import { useT } from '../words/language.tsx';
import css from './queue.module.css';

type Worker = QueueOverview['workers'][number];
type Held = Worker['jobs'][number];

/** A worker is named in the first of the lines of what it holds. */
interface Row {
  readonly worker: Worker;
  readonly job: Held | undefined;
  readonly isFirst: boolean;
}

/** Who works, at what, and when it was last heard of. */
export function WorkerTable({ workers }: { workers: readonly Worker[] }) {
  const t = useT();
  if (workers.length === 0) return <p className={css.quiet}>{t('queue.workers.none')}</p>;
  const columns: Column<Row>[] = [
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
      cell: ({ job }) => job && <JobLink job={job} />,
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
      <DataTable
        label={t('queue.workers.title')}
        columns={columns}
        rows={rowsOf(workers)}
        keyOf={({ worker, job }) => `${worker.worker} ${job?.id}`}
      />
    </div>
  );
}

const byName = new Intl.Collator(undefined, { numeric: true });

function rowsOf(workers: readonly Worker[]): readonly Row[] {
  return [...workers]
    .sort((a, b) => byName.compare(a.worker, b.worker))
    .flatMap((worker): Row[] =>
      worker.jobs.length === 0
        ? [{ worker, job: undefined, isFirst: true }]
        : worker.jobs.map((job, index) => ({ worker, job, isFirst: index === 0 })),
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

function JobLink({ job }: { job: Held }) {
  return (
    <Link to="/jobs/$id" params={{ id: String(job.id) }}>
      {job.name}
    </Link>
  );
}

function HeldFor({ job }: { job: Held }) {
  const t = useT();
  const now = useNow(true);
  return formatDuration(Math.max(0, now - Date.parse(job.claimedAt)), t);
}
