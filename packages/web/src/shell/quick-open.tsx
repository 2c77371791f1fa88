import type { JobSummary } from '@daybook/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import { facetsQuery } from '../api/queries.ts';
import { type FacetName, type Facets, facetNames, type JobPage } from '../api/wire.ts';
import { useFacetWord } from '../list/facet-word.ts';
import { useShortcuts } from '../ui/shortcuts.ts';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './quick-open.module.css';

type Suggestion =
  | { readonly type: 'job'; readonly key: string; readonly job: JobSummary }
  | {
      readonly type: 'filter';
      readonly key: string;
      readonly name: FacetName;
      readonly value: string;
      readonly count: number;
    };

/** Jumps to a job by its id or external id, or to the list of a status, project, user or kind. */
export function QuickOpen() {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const suggestions = useSuggestions(text.trim());
  useShortcuts(
    useMemo(() => [{ keys: '/', label: t('keyboard.search'), run: () => input.current?.focus() }], [t]),
  );

  const isOpen = open && text.trim() !== '';
  const chosen = suggestions[Math.min(at, suggestions.length - 1)];
  const go = (suggestion: Suggestion | undefined) => {
    if (!suggestion) return;
    setText('');
    setOpen(false);
    input.current?.blur();
    if (suggestion.type === 'job')
      void navigate({ to: '/jobs/$id', params: { id: String(suggestion.job.id) } });
    else void navigate({ to: '/', search: { [suggestion.name]: [suggestion.value] } });
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    go(chosen);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && suggestions.length > 0) {
      event.preventDefault();
      setAt(
        (now) => (Math.min(now, suggestions.length - 1) + step + suggestions.length) % suggestions.length,
      );
    } else if (event.key === 'Escape') {
      setText('');
      input.current?.blur();
    }
  };

  return (
    <search>
      <form className={css.box} onSubmit={onSubmit}>
        <input
          ref={input}
          className={css.input}
          role="combobox"
          aria-label={t('shell.open')}
          aria-expanded={isOpen}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={isOpen && chosen ? `${listId}-${chosen.key}` : undefined}
          placeholder={t('shell.open.placeholder')}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        <kbd className={css.key}>/</kbd>
        <div id={listId} role="listbox" aria-label={t('shell.open')} className={css.list} hidden={!isOpen}>
          {suggestions.map((suggestion) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text field (combobox)
            <div
              key={suggestion.key}
              id={`${listId}-${suggestion.key}`}
              role="option"
              tabIndex={-1}
              aria-selected={suggestion === chosen}
              className={css.option}
              // Before the field loses the focus, which would close the list.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => go(suggestion)}
            >
              <SuggestionText suggestion={suggestion} />
            </div>
          ))}
          {suggestions.length === 0 && (
            <div
              role="option"
              aria-selected="false"
              aria-disabled="true"
              tabIndex={-1}
              className={css.nothing}
            >
              {t('shell.open.nothing')}
            </div>
          )}
        </div>
      </form>
    </search>
  );
}

function SuggestionText({ suggestion }: { suggestion: Suggestion }) {
  const t = useT();
  const word = useFacetWord();
  if (suggestion.type === 'job') {
    const { job } = suggestion;
    return (
      <>
        <StatusMark status={job.status} progress={job.progress} />
        <span className={css.id}>{job.externalId ?? job.id}</span>
        <span className={css.name}>{job.name}</span>
        {job.externalId !== null && <span className={css.count}>#{job.id}</span>}
      </>
    );
  }
  return (
    <>
      <span className={css.field}>{t(`field.${suggestion.name}`)}</span>
      <span className={css.name}>{word(suggestion.name, suggestion.value)}</span>
      <span className={css.count}>{suggestion.count}</span>
    </>
  );
}

function useSuggestions(text: string): readonly Suggestion[] {
  const wanted = useSettled(text, 120);
  const word = useFacetWord();
  const { data: facets } = useQuery({ ...facetsQuery({}), enabled: text !== '' });
  const { data: jobs } = useQuery({
    queryKey: ['open', wanted],
    queryFn: ({ signal }) => findJobs(wanted, signal),
    enabled: wanted !== '',
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    if (text === '') return [];
    const found = (jobs ?? [])
      .filter((job) => [String(job.id), job.externalId].includes(text.replace(/^#/, '')))
      .map((job): Suggestion => ({ type: 'job', key: `job-${job.id}`, job }));
    return [...found, ...filtersLike(text, facets, word)];
  }, [text, jobs, facets, word]);
}

function filtersLike(
  text: string,
  facets: Facets | undefined,
  word: (name: FacetName, value: string) => string,
): Suggestion[] {
  const start = text.toLocaleLowerCase();
  const begins = (name: FacetName, value: string) =>
    [value, word(name, value)].some((each) => each.toLocaleLowerCase().startsWith(start));
  return facetNames
    .flatMap((name) => (facets?.[name] ?? []).map(({ value, count }) => ({ name, value, count })))
    .filter(({ name, value }) => begins(name, value))
    .slice(0, 8)
    .map((each) => ({ type: 'filter', key: `${each.name}-${each.value.replace(/\W/g, '_')}`, ...each }));
}

/** The job with this id, and those with this external id (scheduler numbers wrap, so there may be several). */
async function findJobs(text: string, signal: AbortSignal): Promise<readonly JobSummary[]> {
  const number = /^#?(\d{1,15})$/.exec(text)?.[1];
  const byId =
    number === undefined
      ? Promise.resolve([])
      : call<JobSummary>(`/jobs/${number}`, { signal }).then((job) => [job]);
  const byExternalId = text.startsWith('#')
    ? Promise.resolve([])
    : call<JobPage>(`/jobs?limit=5&externalId=${encodeURIComponent(text)}`, { signal }).then(
        (page) => page.items,
      );
  const none = (error: unknown): readonly JobSummary[] => {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return [];
    throw error;
  };
  const [first, second] = await Promise.all([byExternalId.catch(none), byId.catch(none)]);
  return [...first, ...second.filter((job) => !first.some((each) => each.id === job.id))];
}

/** A value once it has stood still for `ms`. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
