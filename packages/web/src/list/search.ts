import type { Assessment, Execution, JobSort, JobSummary, QueryContext } from '@daybook/core';
import { jobSorts, leavesOf, matchesQuery } from '@daybook/core';
import { type FacetName, facetNames } from '../api/wire.ts';
import { type ColumnName, isColumn } from './columns.ts';
import { possibleValues } from './facet-order.ts';
import { parsed } from './parsed-query.ts';

/** The filters that a list can have, by the name that they bear in the API and in the address. */
export const filterNames = [
  'status',
  'analysisStatus',
  'assessment',
  'kind',
  'project',
  'user',
  'solver',
  'configuration',
  'configurationVersion',
  'externalId',
  'tag',
  'target',
  'source',
  'execution',
  'stalled',
] as const;
export type FilterName = (typeof filterNames)[number];

/** What the address says of a list: several values of one filter mean any of them. */
export type ListSearch = { readonly [Name in FilterName]?: readonly string[] } & {
  /** The query, in the language of docs/search.md. */
  readonly q?: string | undefined;
  readonly sort?: JobSort | undefined;
  /** Obsolete jobs are left out unless this says otherwise, or a filter or the query speaks of assessments. */
  readonly obsolete?: 'shown' | undefined;
  /** In their order, where they are not the usual ones. */
  readonly columns?: readonly ColumnName[] | undefined;
  /** A grid of cards in the place of the table. */
  readonly look?: 'cards' | undefined;
};

/** What the address says of how a list is shown, not of which jobs are in it. */
export function withoutLook(search: ListSearch): ListSearch {
  return { ...search, sort: undefined, columns: undefined, look: undefined };
}

/** Reads an address. What is unknown is left out, so that an old link still opens. */
export function readSearch(raw: Record<string, unknown>): ListSearch {
  const search: Record<string, unknown> = {};
  for (const name of filterNames) {
    const wanted = valuesIn(raw, name).filter((value) => isPossible(name, value));
    // Said to be absent: the router would put what it read itself in the place of what is merely not there.
    if (name in raw) search[name] = wanted.length > 0 ? wanted : undefined;
  }
  const sort = jobSorts.find((each) => each === raw['sort'] && each !== '-id');
  const q = typeof raw['q'] === 'string' && raw['q'].trim() !== '' ? raw['q'] : undefined;
  const columns = valuesIn(raw, 'columns').filter(isColumn);
  return {
    ...search,
    ...('sort' in raw && { sort }),
    ...('q' in raw && { q }),
    ...('obsolete' in raw && { obsolete: raw['obsolete'] === 'shown' ? 'shown' : undefined }),
    ...('columns' in raw && { columns: columns.length > 0 ? columns : undefined }),
    ...('look' in raw && { look: raw['look'] === 'cards' ? 'cards' : undefined }),
  };
}

/** What {@link readSearch} leaves out because the filter can have no such value. */
export function impossibleValues(
  raw: Record<string, unknown>,
): readonly { readonly name: FilterName; readonly value: string }[] {
  return filterNames.flatMap((name) =>
    valuesIn(raw, name)
      .filter((value) => !isPossible(name, value))
      .map((value) => ({ name, value })),
  );
}

/** A link carries its lists as they are, an address carries them as text. */
function valuesIn(raw: Record<string, unknown>, name: string): readonly string[] {
  const values = [raw[name]].flat().flatMap((each) => (typeof each === 'string' ? each.split(',') : []));
  return [...new Set(values.filter(Boolean))];
}

/** The values that a filter can have, where the contract lists them. */
const possible: { readonly [Name in FilterName]?: readonly string[] } = {
  ...possibleValues,
  execution: ['claimed', 'reported', 'watched'] satisfies Execution[],
  // The API takes one answer, not a list of them, and nobody looks for the jobs that go on.
  stalled: ['true'],
};

function isPossible(name: FilterName, value: string): boolean {
  return possible[name]?.includes(value) ?? true;
}

/** The same as flat text, for the address. */
export function writeSearch(search: ListSearch): Record<string, string> {
  const flat = writeFilters(search);
  if (search.q) flat['q'] = search.q;
  if (search.sort) flat['sort'] = search.sort;
  if (search.obsolete) flat['obsolete'] = search.obsolete;
  if (search.columns) flat['columns'] = search.columns.join(',');
  if (search.look) flat['look'] = search.look;
  return flat;
}

/** What the API is asked for: which jobs, without their order. */
export function askedFilter(search: ListSearch): Record<string, string> {
  const q = [search.q, hidesObsolete(search) && '-assessment:obsolete'].filter(Boolean).join(' ');
  return { ...writeFilters(search), ...(q !== '' && { q }) };
}

function writeFilters(search: ListSearch): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of filterNames) {
    const values = search[name];
    if (values && values.length > 0) flat[name] = values.join(',');
  }
  return flat;
}

/** True while obsolete jobs are left out though nobody has said so. */
export function hidesObsolete({ obsolete, assessment, q }: ListSearch): boolean {
  if (obsolete || assessment) return false;
  const { root } = parsed(q ?? '');
  for (const leaf of leavesOf(root)) if (leaf.kind === 'assessment' || leaf.kind === 'ids') return false;
  return true;
}

/** One text per search, equal for equal searches. */
export function searchText(search: ListSearch): string {
  return new URLSearchParams(writeSearch(search)).toString();
}

export function isFiltered(search: ListSearch): boolean {
  return search.q !== undefined || filterNames.some((name) => search[name] !== undefined);
}

/** Choosing a value: alone, or added to (taken from) those that are chosen. Choosing the only chosen one frees the filter. */
export function choose(search: ListSearch, name: FilterName, value: string, add: boolean): ListSearch {
  const chosen = search[name] ?? [];
  const isChosen = chosen.includes(value);
  const others = add ? chosen.filter((each) => each !== value) : [];
  const next = isChosen && (add || chosen.length === 1) ? others : [...others, value];
  return { ...search, [name]: next.length > 0 ? next : undefined };
}

/** True if a row belongs into a list, as far as the row can tell; the server asks the same in SQL. */
export function matches(search: ListSearch, row: JobSummary, context: QueryContext): boolean {
  if (hidesObsolete(search) && row.assessment === 'obsolete') return false;
  const { root } = parsed(search.q ?? '');
  if (root !== undefined && !matchesQuery(row, root, context)) return false;
  return filterNames.every((name) => {
    const wanted = search[name];
    return wanted === undefined || valuesOf(row, name).some((value) => wanted.includes(value));
  });
}

function valuesOf(row: JobSummary, name: FilterName): readonly string[] {
  switch (name) {
    case 'assessment':
      return [row.assessment ?? ('none' satisfies Assessment | 'none')];
    case 'configuration':
      return row.configuration ? [row.configuration.tag] : [];
    case 'configurationVersion':
      return row.configuration ? [row.configuration.version] : [];
    case 'tag':
      return row.tags;
    case 'stalled':
      return [String(row.stalled)];
    default: {
      const value = row[name];
      return value === null ? [] : [value];
    }
  }
}

/** The filters that have counts beside the list. */
export function isFacet(name: FilterName): name is FacetName {
  return facetNames.some((facet) => facet === name);
}
