import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';

/** What a list is narrowed by, as its address has it. */
export type ListFilter = Readonly<Record<string, string | undefined>>;

/** The address of a list. */
export function listAddress(filter: ListFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  const text = query.toString();
  return `/diary/${text === '' ? '' : `?${text}`}`;
}

/** Goes to a list without loading the page anew. */
export function useOpenList(): (filter: ListFilter) => void {
  const router = useRouter();
  return (filter) => router.history.push(listAddress(filter));
}

/** A link to the list of the jobs that a figure counts. */
export function ListLink({ filter, children }: { filter: ListFilter; children: ReactNode }) {
  const open = useOpenList();
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    open(filter);
  };
  return (
    <a href={listAddress(filter)} onClick={onClick}>
      {children}
    </a>
  );
}
