import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { liveRows } from '../live/live-rows.ts';
import { ApiError } from './client.ts';
import { sessionQuery } from './queries.ts';
import type { Session } from './wire.ts';

/** The stream says what changed, so nothing is loaded again merely because time passed or a window got the focus. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: askWhoIsHere }),
  mutationCache: new MutationCache({ onError: askWhoIsHere }),
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
      retry: (failures, error) =>
        failures < 3 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      retryDelay: (failures) => Math.min(8_000, 500 * 2 ** failures),
    },
    mutations: { networkMode: 'always' },
  },
});

/** Told that nobody is signed in, the page asks again who is: the shell goes to the sign-in page if that is so. */
function askWhoIsHere(error: unknown): void {
  if (error instanceof ApiError && error.code === 'unauthenticated')
    void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
}

/** Somebody else is here, or nobody: nothing that was loaded before is shown any more. */
export async function forgetPerson(client: QueryClient, session: Session | null): Promise<void> {
  // An answer that is still on its way tells who was here before.
  await client.cancelQueries({ queryKey: sessionQuery.queryKey });
  client.setQueryData(sessionQuery.queryKey, session);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
  liveRows.clear();
}
