import type { Job } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { lineageQuery } from '../api/diary-queries.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useT } from '../words/language.tsx';
import { EdgePanel } from './edge-panel.tsx';
import css from './lineage.module.css';
import { LineageList } from './lineage-list.tsx';

/** What draws is large, and only who has a lineage needs it. */
const LineageGraph = lazy(() =>
  import('./lineage-graph.tsx').then((module) => ({ default: module.LineageGraph })),
);

/** The base runs of a job and those that vary it, as a graph, with what differs along each line. */
export function LineageTab({ job }: { job: Job }) {
  const t = useT();
  const { data, error, refetch } = useQuery(lineageQuery(job.id));
  const [chosen, setChosen] = useState<string>();
  if (error && !data) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const unknown = data.nodes[0]?.unknownBases ?? [];
  if (data.edges.length === 0)
    return (
      <>
        <p>{t('lineage.empty')}</p>
        {unknown.length > 0 && <p>{t('lineage.unknown', { names: unknown.join(', ') })}</p>}
      </>
    );
  const first = data.edges.find((edge) => edge.job === job.id) ?? data.edges[0];
  const edge = data.edges.find((each) => `${each.base}-${each.job}` === chosen) ?? first;
  return (
    <div className={css.tab}>
      <Suspense fallback={<div className={css.canvas} />}>
        <LineageGraph
          lineage={data}
          current={job.id}
          chosen={edge && `${edge.base}-${edge.job}`}
          onChoose={setChosen}
        />
      </Suspense>
      {data.more && <p className={css.hint}>{t('lineage.more')}</p>}
      {edge && <EdgePanel edge={edge} nodes={data.nodes} />}
      <details>
        <summary>{t('lineage.list')}</summary>
        <LineageList lineage={data} />
      </details>
    </div>
  );
}
