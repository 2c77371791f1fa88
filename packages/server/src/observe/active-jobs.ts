import { isActive, jobStatuses } from '@daybook/core';
import { daybook } from '../actor.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import type { Store } from '../storage/index.ts';

const active = jobStatuses.filter((status) => isActive(status));

/** How many jobs wait and run: status → count, 0 among them. */
export async function activeJobs(store: Store): Promise<Map<string, number>> {
  const rows = await store.people
    .selectFrom('jobs')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where(visibleJobs(daybook.scope))
    .where('status', 'in', active)
    .groupBy('status')
    .execute();
  const counts = new Map<string, number>(active.map((status) => [status, 0]));
  for (const { status, count } of rows) counts.set(status, Number(count));
  return counts;
}
