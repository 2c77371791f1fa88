import type { Store } from '../storage/index.ts';
import { DEMO_PROVIDER } from './voices.ts';

/** What the running demo reads of a job. */
const columns = [
  'id',
  'external_id',
  'execution',
  'lease_token',
  'configuration_tag',
  'kind',
  'name',
  'status',
  'stalled',
  'attempt',
  'target',
  'job_directory',
  'user_name',
  'started_at',
  'updated_at',
  'seen_at',
] as const;

export type ActiveRow = Awaited<ReturnType<typeof activeJobs>>[number];

/** The provider of a demo's jobs; undefined if this diary is no demo. */
export async function demoProvider({ read }: Store): Promise<number | undefined> {
  const row = await read
    .selectFrom('providers')
    .select('id')
    .where('name', '=', DEMO_PROVIDER)
    .executeTakeFirst();
  return row?.id;
}

/** The demo's jobs that wait or run, the oldest first. */
export async function activeJobs({ read }: Store, providerId: number) {
  return read
    .selectFrom('jobs')
    .select(columns)
    .where('status', 'in', ['queued', 'running'])
    .where('provider_id', '=', providerId)
    .orderBy('id')
    .limit(200)
    .execute();
}

/** The highest external number that a source of the demo has given: jobs are not made in the order of their numbers. */
export async function lastNumber({ read }: Store, providerId: number, source: string): Promise<number> {
  const row = await read
    .selectFrom('jobs')
    .select('external_id')
    .where('provider_id', '=', providerId)
    .where('source', '=', source)
    .where('external_id', 'is not', null)
    // Digits as text: of two numbers the longer one is higher.
    .orderBy(({ fn }) => fn<number>('length', ['external_id']), 'desc')
    .orderBy('external_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return Number(row?.external_id ?? 0);
}

/** The runs of a study: how many there are, and the latest that reached its end. */
export async function latestRun({ read }: Store, providerId: number, folder: string) {
  const runs = read
    .selectFrom('jobs')
    .where('provider_id', '=', providerId)
    .where('submit_directory', 'like', `%/${folder}/%`);
  const { count } = await runs.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  const latest = await runs
    .innerJoin('documents', 'documents.job_id', 'jobs.id')
    .select(['external_id', 'parameters'])
    .where('status', 'in', ['succeeded', 'finished'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const base =
    latest?.external_id == null || latest.parameters === null
      ? undefined
      : { externalId: latest.external_id, values: JSON.parse(latest.parameters) as Record<string, number> };
  return { count: Number(count), base };
}
