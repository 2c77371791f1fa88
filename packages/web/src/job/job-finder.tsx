import type { JobSummary } from '@daybook/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { call } from '../api/client.ts';
import type { JobPage } from '../api/wire.ts';
import { Verdict } from '../list/verdict.tsx';
import option from '../ui/option.module.css';
import { Option } from '../ui/option.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './job-finder.module.css';

interface JobFinderProps {
  readonly label: string;
  /** Jobs that need not be offered. */
  readonly without: readonly number[];
  readonly onPick: (job: JobSummary) => void;
  /** Takes what was typed as it is, where a job of that name may come later. */
  readonly onKeep?: (text: string) => void;
}

/** Finds one job by its number or by words of it: arrows choose, Enter takes. */
export function JobFinder({ label, without, onPick, onKeep }: JobFinderProps) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = text.trim();
  const { found, settled } = useFound(wanted, without);
  const keeps =
    onKeep !== undefined && wanted !== '' && settled && !found.some((job) => job.externalId === wanted);
  const count = found.length + (keeps ? 1 : 0);
  const chosen = Math.min(at, count - 1);
  const take = (index: number) => {
    const job = found[index];
    if (job) onPick(job);
    else if (keeps) onKeep(wanted);
    else return;
    setText('');
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && count > 0) {
      event.preventDefault();
      setAt((chosen + step + count) % count);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (settled) take(chosen);
    } else if (event.key === 'Escape' && text !== '') {
      event.stopPropagation();
      setText('');
    }
  };
  const open = wanted !== '';
  return (
    <div className={css.finder}>
      <input
        className={css.input}
        role="combobox"
        aria-label={label}
        placeholder={label}
        aria-expanded={open}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={open && count > 0 ? `${id}-${chosen}` : undefined}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={id}
        role="listbox"
        aria-label={label}
        className={`${option.floating} ${css.list}`}
        hidden={!open}
      >
        {found.map((job, index) => (
          <Option key={job.id} id={`${id}-${index}`} chosen={index === chosen} onTake={() => take(index)}>
            <StatusMark status={job.status} progress={job.progress} />
            <span>{job.externalId ?? `#${job.id}`}</span>
            <span className={css.job}>
              <span className={option.name}>{job.name}</span>
              <Distinction job={job} />
            </span>
          </Option>
        ))}
        {keeps && (
          <Option
            id={`${id}-${found.length}`}
            chosen={chosen === found.length}
            onTake={() => take(found.length)}
          >
            <span className={option.name}>{t('base.keepName', { name: wanted })}</span>
          </Option>
        )}
        {count === 0 && (
          <div role="option" aria-selected="false" aria-disabled="true" tabIndex={-1} className={css.nothing}>
            {settled ? t('base.none') : '…'}
          </div>
        )}
      </div>
    </div>
  );
}

/** What tells a job from others of its name. */
function Distinction({ job }: { job: JobSummary }) {
  return (
    <span className={css.distinction}>
      <Ago at={job.endedAt ?? job.submittedAt} />
      {[job.user, job.project].filter(Boolean).map((each) => (
        <span key={each}>{each}</span>
      ))}
      <Verdict job={job} />
    </span>
  );
}

/** Typing pauses so long before the server is asked, ms. */
const PAUSE = 150;

function useFound(text: string, without: readonly number[]) {
  const [wanted, setWanted] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setWanted(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, isFetching } = useQuery({
    queryKey: ['find', wanted],
    queryFn: ({ signal }) => find(wanted, signal),
    enabled: wanted !== '',
    staleTime: 5_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const found = text === '' ? [] : (data ?? []).filter((job) => !without.includes(job.id)).slice(0, 8);
  return { found, settled: wanted === text && !isFetching };
}

/** `#17` is the number 17 alone; else words of the job, among which are its numbers. */
async function find(text: string, signal: AbortSignal): Promise<readonly JobSummary[]> {
  const number = /^#(\d{1,15})$/.exec(text)?.[1];
  const q = number === undefined ? text : `id:${number}`;
  const page = await call<JobPage>(`/jobs?${new URLSearchParams({ q, limit: '20' })}`, { signal }).catch(
    // Half a quotation is no query yet.
    () => undefined,
  );
  return page?.items ?? [];
}
