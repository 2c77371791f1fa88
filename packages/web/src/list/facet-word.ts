import { isMessageKey } from '@daybook/core';
import { useCallback } from 'react';
import { useT } from '../words/language.tsx';
import type { FilterName } from './search.ts';

/** The word for a value of a filter: statuses and kinds have one, names speak for themselves. */
export function useFacetWord(): (name: FilterName, value: string) => string {
  const t = useT();
  return useCallback(
    (name, value) => {
      const key = `${name}.${value}`;
      return isPlainKey(key) ? t(key) : value;
    },
    [t],
  );
}

/** A key of a text without parameters; that of a value of a filter always is. */
function isPlainKey(key: string): key is 'status.queued' {
  return isMessageKey(key);
}
