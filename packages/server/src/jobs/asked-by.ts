import type { Query } from '@daybook/core';
import type { Actor } from '../actor.ts';

/**
 * The filter with its query as this actor asks it now: `is:mine` and `after:7d` mean nothing without. `now` in
 * milliseconds, `timeZone` the diary's.
 */
export function askedBy<Filter extends { readonly q?: Query | undefined }>(
  filter: Filter,
  { name }: Pick<Actor, 'name'>,
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): Filter {
  return filter.q === undefined ? filter : { ...filter, q: filter.q.by({ me: name, now, timeZone }) };
}
