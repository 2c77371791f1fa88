import type { Job } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { lineageQuery } from '../api/diary-queries.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useT } from '../words/language.tsx';
import { EdgePanel } from './edge-panel.tsx';
import css from './lineage.module.css';
import { LineageList } from './lineage-list.tsx';

/** What draws is large, and nobody else needs it. */
const loadGraph = () => import('./lineage-graph.tsx');
const LineageGraph = lazy(() => loadGraph().then((module) => ({ default: module.LineageGraph })));

/** The base runs of a job and those that vary it, as a graph, with what differs along each line. */
export function LineageTab({ job }: { job: Job }) {
  const t = useT();
  const { data, error, refetch } = useQuery(lineageQuery(job.id));
  // Together with what it draws, not after it.
  useEffect(() => {
    void loadGraph().catch(() => undefined);
  }, []);
  const [chosen, setChosen] = useState<string>();
  const [listed, setListed] = useState(false);
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
      {/* A thousand links that nobody has asked for would take as long as all the rest. */}
      <details onToggle={(event) => setListed(event.currentTarget.open)}>
        <summary>{t('lineage.list')}</summary>
        {listed && <LineageList lineage={data} />}
      </details>
    </div>
  );
}
