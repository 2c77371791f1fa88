import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { impossibleValues, type ListSearch, searchText } from './search.ts';

type Values = ReturnType<typeof impossibleValues>;

/** The router cleans the address before any page is drawn, so what it drops is kept here until a page says so. */
let kept: Values = [];

export function keepLeftOut(raw: Record<string, unknown>): void {
  const values = impossibleValues(raw);
  if (values.length > 0) kept = values;
}

/** What the address asked for in vain, until the list is narrowed in another way. */
export function useLeftOut(search: ListSearch): Values {
  const navigate = useNavigate();
  const text = searchText(search);
  const [notice, setNotice] = useState<{ readonly text: string; readonly values: Values }>();
  useEffect(() => {
    if (kept.length === 0) return;
    setNotice({ text, values: kept });
    kept = [];
    void navigate({ from: '/', to: '/', search: (now) => now, state: (now) => now, replace: true });
  }, [navigate, text]);
  return notice?.text === text ? notice.values : [];
}
