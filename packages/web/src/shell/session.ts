import type { Permission } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/wire.ts';

/** Who is signed in, for pages that are drawn only then. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new TypeError('nobody is signed in');
  return data;
}

export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}

/** What the help speaks of: to somebody who is signed in, of what they may do; to strangers, of everything. */
export function useHelpsWith(): (permission: Permission) => boolean {
  const { data } = useQuery(sessionQuery);
  return (permission) => data === null || (data?.permissions.includes(permission) ?? false);
}
