import type { Job } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { useT } from '../words/language.tsx';
import { nameOf } from './base-names.ts';
import { JobFinder } from './job-finder.tsx';
import css from './verdict-form.module.css';

interface BaseRunsProps {
  readonly job: Job;
  /** As they are named: `1234567`, or `#17` for a number of Daybook's own. */
  readonly names: readonly string[];
  /** Who may change them. */
  readonly onChange?: (names: readonly string[]) => void;
}

/** The earlier runs that a job varies: links, and names of those that have not arrived yet. */
export function BaseRuns({ job, names, onChange }: BaseRunsProps) {
  const t = useT();
  if (names.length === 0 && !onChange) return null;
  return (
    <div className={css.bases}>
      <p className={css.base}>
        <span className={css.hint}>{t('field.baseRuns')}</span>
        {names.map((name) => (
          <span key={name} className={css.baseRun}>
            <BaseRun job={job} name={name} />
            {onChange && (
              <Button
                look="plain"
                aria-label={t('base.remove', { name })}
                onClick={() => onChange(names.filter((each) => each !== name))}
              >
                ×
              </Button>
            )}
          </span>
        ))}
        {job.baseRuns.some(({ id }) => id !== null) && (
          <Link
            to="/compare"
            search={{ ids: [job, ...job.baseRuns].flatMap(({ id }) => id ?? []).slice(0, 20) }}
          >
            {t('lineage.compareAll')}
          </Link>
        )}
      </p>
      {onChange && (
        <JobFinder
          label={t('base.find')}
          without={[job.id, ...job.baseRuns.flatMap(({ id }) => id ?? [])]}
          onPick={({ id }) => onChange([...new Set([...names, `#${id}`])])}
          onKeep={(name) => onChange([...new Set([...names, name])])}
        />
      )}
    </div>
  );
}

function BaseRun({ job, name }: { job: Job; name: string }) {
  const stored = job.baseRuns.find((base) => nameOf(base) === name);
  const id = stored?.id ?? (name.startsWith('#') ? Number(name.slice(1)) : null);
  if (id === null) return <span>{name}</span>;
  return (
    <Link to="/jobs/$id" params={{ id: String(id) }}>
      {name}
    </Link>
  );
}
