import {
  completionAt,
  type JobSummary,
  type QueryCompletion,
  type QueryFieldName,
  queryFieldNames,
  queryFields,
  quoteValue,
} from '@daybook/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../api/client.ts';
import { facetsQuery } from '../api/queries.ts';
import { type FacetName, type Facets, facetNames, type JobPage } from '../api/wire.ts';
import { useSession } from '../shell/session.ts';
import { useT } from '../words/language.tsx';
import { possibleValues } from './facet-order.ts';
import { useFacetWord } from './facet-word.ts';
import { queryFieldOfFacet } from './query-edit.ts';
import { recentQueries } from './recent-queries.ts';
import { useSettled } from './use-settled.ts';

/** What could stand at the caret. */
export interface Suggestion {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  /** What it puts in the place of this part of the text. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** With it the query is whole: the list follows at once. */
  readonly isWhole?: boolean;
  /** It leads to this job instead. */
  readonly job?: JobSummary;
}

const most = 9;

/** Values of fields that have no counts, as people write them. */
const moments = ['today', 'yesterday', '7d', '30d'];

/** What could come next: fields and their values, jobs with that number, what was looked for before. */
export function useSuggestions(text: string, caret: number, active: boolean): readonly Suggestion[] {
  const t = useT();
  const me = useSession().name;
  const word = useFacetWord();
  const number = useSettled(/^#?\d{1,15}$/.exec(text.trim())?.[0] ?? '', 120);
  const { data: facets } = useQuery({ ...facetsQuery({}), enabled: active });
  const { data: jobs } = useQuery({
    queryKey: ['open', number],
    queryFn: ({ signal }) => jobsNumbered(number, signal),
    enabled: active && number !== '',
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    if (!active) return [];
    const completion = completionAt(text, caret);
    const numbered = number === '' ? [] : (jobs ?? []).map(jobSuggestion);
    if (text.trim() === '') {
      const recent = recentQueries.list(me).map((query) => whole(query, t('search.recent')));
      return [...recent, ...fieldsLike(completion).slice(0, 6)];
    }
    const offered =
      completion.field === undefined
        ? [...fieldsLike(completion), ...facetValuesLike(completion, facets, word)]
        : valuesLike(completion, completion.field, facets, word);
    return [...numbered, ...offered].slice(0, most);
  }, [active, text, caret, number, jobs, facets, word, me, t]);
}

function whole(query: string, hint: string): Suggestion {
  return { key: `recent ${query}`, label: query, hint, text: query, from: 0, to: 10_000, isWhole: true };
}

function jobSuggestion(job: JobSummary): Suggestion {
  const label = `${job.externalId ?? `#${job.id}`}  ${job.name}`;
  return { key: `job ${job.id}`, label, hint: `#${job.id}`, text: '', from: 0, to: 0, job };
}

function fieldsLike({ typed, from, to }: QueryCompletion): Suggestion[] {
  const begin = typed.toLowerCase();
  return queryFieldNames
    .filter((name) => name.startsWith(begin))
    .map((name) => ({
      key: `field ${name}`,
      label: `${name}:`,
      hint: queryFields[name].example,
      text: `${name}:`,
      from,
      to,
    }));
}

/** Values of any facet that begin like what is typed: people seldom think of fields first. */
function facetValuesLike(
  completion: QueryCompletion,
  facets: Facets | undefined,
  word: (name: FacetName, value: string) => string,
): Suggestion[] {
  if (completion.typed === '') return [];
  return facetNames.flatMap((name) =>
    facetValues(name, completion, facets, word).map((each) => ({
      ...each,
      text: `${queryFieldOfFacet[name]}:${each.text}`,
      label: `${queryFieldOfFacet[name]}:${each.label}`,
    })),
  );
}

function valuesLike(
  completion: QueryCompletion,
  field: QueryFieldName,
  facets: Facets | undefined,
  word: (name: FacetName, value: string) => string,
): Suggestion[] {
  const facet = facetNames.find((name) => queryFieldOfFacet[name] === field);
  const named = facet === undefined ? [] : facetValues(facet, completion, facets, word);
  const info = queryFields[field];
  const known: readonly string[] = 'values' in info ? info.values : info.form === 'moment' ? moments : [];
  const begin = completion.typed.toLowerCase();
  const others = known.filter(
    (value) => value.startsWith(begin) && !named.some((each) => each.label === value),
  );
  return [...named, ...others.map((value) => valueSuggestion(completion, value, ''))];
}

/**
 * Values of a facet that begin like what is typed, in the query's words or in those on the screen: whatever language
 * that speaks, the query is in its own.
 */
function facetValues(
  name: FacetName,
  completion: QueryCompletion,
  facets: Facets | undefined,
  word: (name: FacetName, value: string) => string,
): Suggestion[] {
  const begin = completion.typed.toLowerCase();
  const counted = facets?.[name] ?? [];
  const others = (possibleValues[name] ?? []).filter(
    (value) => !counted.some((each) => each.value === value),
  );
  return [...counted, ...others.map((value) => ({ value, count: 0 }))]
    .map(({ value, count }) => ({ value, count, said: word(name, value) }))
    .filter(({ value, said }) => [value, said].some((each) => each.toLowerCase().startsWith(begin)))
    .map(({ value, count, said }) => ({
      ...valueSuggestion(completion, value, said === value ? String(count) : `${said} · ${count}`),
      key: `${name} ${value}`,
    }));
}

function valueSuggestion({ from, to }: QueryCompletion, value: string, hint: string): Suggestion {
  return {
    key: `value ${value}`,
    label: value,
    hint,
    text: `${quoteValue(value)} `,
    from,
    to,
    isWhole: true,
  };
}

/** The job with this id, and those with this external id (scheduler numbers wrap, so there may be several). */
async function jobsNumbered(text: string, signal: AbortSignal): Promise<readonly JobSummary[]> {
  const number = text.replace('#', '');
  const q = text.startsWith('#') ? `id:${number}` : `external:${number} OR id:${number}`;
  return (await call<JobPage>(`/jobs?${new URLSearchParams({ limit: '6', q })}`, { signal })).items;
}
