import type { Job } from '@daybook/core';
import type { ReactNode } from 'react';
import { useT } from '../words/language.tsx';
import css from './metadata-tab.module.css';

const paths = [
  'submitDirectory',
  'jobDirectory',
  'logFile',
  'readmeFile',
  'solver',
  'source',
  'execution',
  'customer',
] as const;

/** What the job was given, where it ran, and what it said of itself. */
export function MetadataTab({ job }: { job: Job }) {
  const t = useT();
  const facts = paths
    .filter((name) => job[name])
    .map((name): [string, ReactNode] => [
      t(`field.${name}`),
      name === 'execution'
        ? `${t(`execution.${job.execution}`)}: ${t(`execution.${job.execution}.hint`)}`
        : job[name],
    ]);
  const groups = (['parameters', 'context', 'metadata'] as const).filter(
    (name) => Object.keys(job[name] ?? {}).length > 0,
  );
  return (
    <div className={css.groups}>
      {facts.length > 0 && <Pairs pairs={facts} />}
      {groups.map((name) => (
        <section key={name}>
          <h2>{t(`field.${name}`)}</h2>
          <Pairs
            pairs={Object.entries(job[name] ?? {}).map(([key, value]) => [
              key,
              <Value key={key} value={value} />,
            ])}
          />
        </section>
      ))}
      {facts.length + groups.length === 0 && <p>{t('job.metadata.empty')}</p>}
    </div>
  );
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={css.pairs}>
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: unknown }) {
  if (typeof value === 'string') return <>{value}</>;
  return <code>{JSON.stringify(value, null, typeof value === 'object' ? 2 : undefined)}</code>;
}
