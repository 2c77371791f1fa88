import { defaultView, type SavedView } from '@daybook/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSession } from '../shell/session.ts';
import { storedText } from '../ui/stored-text.ts';
import { type ListSearch, readSearch, searchText } from './search.ts';

/** True once the list was opened in this tab: whoever clears its filters is not led back. */
let arrived = false;

function keptOf(me: string) {
  return storedText(`daybook.view.${me}`);
}

/** Keeps in this browser which view opens first, so that the first page need not ask for it. */
export function keepDefaultView(me: string, views: readonly SavedView[]): void {
  keptOf(me).set(defaultView(views)?.query || null);
}

/** Opens the default view when somebody comes without an address. */
export function useDefaultView(search: ListSearch): void {
  const me = useSession().name;
  const navigate = useNavigate();
  const text = searchText(search);
  useEffect(() => {
    if (arrived) return;
    arrived = true;
    const query = text === '' ? keptOf(me).get() : null;
    if (query === null) return;
    const wanted = readSearch(Object.fromEntries(new URLSearchParams(query)));
    void navigate({ to: '/', search: wanted, replace: true });
  }, [me, navigate, text]);
}
