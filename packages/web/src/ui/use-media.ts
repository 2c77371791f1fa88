import { useCallback, useSyncExternalStore } from 'react';

export const narrowScreen = '(max-width: 820px)';

/** True while a media query holds. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (call: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', call);
      return () => list.removeEventListener('change', call);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
