import { useQuery } from '@tanstack/react-query';
import { maintenanceQuery, queueQuery } from '../api/queries.ts';
import { PauseSwitch } from '../maintenance/pause-switch.tsx';
import { Page } from '../shell/page.tsx';
import { RoomLinks } from '../shell/room-links.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useTableKeys } from '../ui/use-table-keys.ts';
import { useT } from '../words/language.tsx';
import { BusyTargets } from './busy-targets.tsx';
import { ConfigurationTable } from './configuration-table.tsx';
import { LimitSection } from './limit-section.tsx';
import css from './queue.module.css';
import { QueueSummary } from './queue-summary.tsx';
import { IdleWorkers, WorkerTable } from './worker-table.tsx';

/** What waits, what runs and who runs it. Every number leads to the jobs behind it. */
export function QueuePage() {
  const t = useT();
  useTableKeys();
  const { data, error, refetch, dataUpdatedAt } = useQuery(queueQuery);
  const maintenance = useQuery(maintenanceQuery);
  return (
    <Page wide title={t('nav.queue')} actions={<PauseSwitch status={maintenance.data} />}>
      <RoomLinks />
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton />}
      {data && (
        <>
          <QueueSummary queue={data} />
          {data.configurations.length === 0 ? (
            <EmptyQueue />
          ) : (
            <section className={css.section}>
              <h2>{t('queue.configurations')}</h2>
              <ConfigurationTable rows={data.configurations} at={dataUpdatedAt} />
            </section>
          )}
          <section className={css.section}>
            <h2>{t('queue.workers.title')}</h2>
            <WorkerTable workers={data.workers} at={dataUpdatedAt} />
            <IdleWorkers idle={data.idle} />
          </section>
          <div className={css.pair}>
            <BusyTargets />
            <LimitSection limits={data.limits} configurations={data.configurations} />
          </div>
        </>
      )}
    </Page>
  );
}

function EmptyQueue() {
  const t = useT();
  const curl = (path: string, body: object) =>
    `curl ${location.origin}/api/v1/${path} \\\n  -H "Authorization: Bearer $DAYBOOK_API_KEY" -H "Content-Type: application/json" \\\n  -d '${JSON.stringify(body)}'`;
  return (
    <Empty title={t('queue.empty.title')}>
      <p>{t('queue.empty.explain')}</p>
      <CodeBlock
        label={t('queue.empty.offer')}
        code={curl('jobs', { name: 'my first job', execution: 'claimed' })}
      />
      <CodeBlock
        label={t('queue.empty.claim')}
        code={curl('queue/claim', { worker: 'my-laptop', wait: 30 })}
      />
    </Empty>
  );
}
