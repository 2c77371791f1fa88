import type { JobEvent } from '@daybook/core';
import type { List } from '../api/wire.ts';

type Page = List<JobEvent>;

/** Puts an event that the stream brought into the pages of a timeline (newest first), unless it is there already. */
export function withEvent(pages: readonly Page[], event: JobEvent): Page[] {
  const [first, ...others] = pages;
  if (!first || pages.some((page) => page.items.some((each) => each.id === event.id))) return [...pages];
  return [{ ...first, items: [event, ...first.items].sort((a, b) => b.id - a.id) }, ...others];
}
