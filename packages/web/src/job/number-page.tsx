import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Navigate } from '@tanstack/react-router';
import { ApiError, call } from '../api/client.ts';
import type { JobPage } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useT } from '../words/language.tsx';

const route = getRouteApi('/number/$number');

/**
 * Where links of the old diary lead, which named jobs by the scheduler's number: the latest job of that number, else the one
 * with that number here.
 */
export function NumberPage() {
  const t = useT();
  const { number } = route.useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ['number', number],
    queryFn: ({ signal }) => find(number, signal),
  });
  if (data) return <Navigate to="/jobs/$id" params={{ id: String(data) }} replace />;
  return (
    <Page title={t('number.title', { number })}>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && !error && <Skeleton />}
      {data === null && (
        <>
          <p>{t('job.notFound', { id: number })}</p>
          <p>
            <Link to="/">{t('nav.back')}</Link>
          </p>
        </>
      )}
    </Page>
  );
}

async function find(number: string, signal: AbortSignal): Promise<number | null> {
  const page = await call<JobPage>(`/jobs?${new URLSearchParams({ externalId: number, limit: '1' })}`, {
    signal,
  });
  const [latest] = page.items;
  if (latest) return latest.id;
  const found = await call<{ id: number }>(`/jobs/${number}`, { signal }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status < 500 && error.status >= 400) return null;
    throw error;
  });
  return found?.id ?? null;
}
