import { useRef } from 'react';
import { useT } from '../words/language.tsx';
import { Button } from './button.tsx';
import { useSight } from './use-sight.ts';

interface MoreProps {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
}

/** The end of a list of many pages: the next one comes when it is seen, or when asked. */
export function More({ query }: MoreProps) {
  const t = useT();
  const end = useRef<HTMLDivElement>(null);
  useSight(end, query.hasNextPage && !query.isFetchingNextPage, query.fetchNextPage);
  return (
    <div ref={end}>
      {query.hasNextPage && <Button onClick={() => void query.fetchNextPage()}>{t('jobs.more')}</Button>}
    </div>
  );
}
