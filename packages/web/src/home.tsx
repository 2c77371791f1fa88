import { lazy, Suspense } from 'react';
import { JobsPage } from './list/jobs-page.tsx';
import { useMay } from './shell/session.ts';
import { Skeleton } from './ui/skeleton.tsx';

const MyJobsPage = lazy(() =>
  import('./customer/my-jobs-page.tsx').then((module) => ({ default: module.MyJobsPage })),
);

/** The first page: the list of jobs, or for customers their own. */
export function Home() {
  if (useMay('jobs.inspect')) return <JobsPage />;
  return (
    <Suspense fallback={<Skeleton />}>
      <MyJobsPage />
    </Suspense>
  );
}
