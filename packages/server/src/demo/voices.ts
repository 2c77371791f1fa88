import type { Actor } from '../actor.ts';
import type { Appender } from '../jobs/appender.ts';
import type { Entry } from '../jobs/batch.ts';
import type { Told } from './story.ts';

/** Who the demo's jobs belong to: everything of this provider was made up. */
export const DEMO_PROVIDER = 'demo';

/** A program of the demo, as the API key that it would use. */
export function reporter(name: string, providerId: number): Actor {
  return {
    ...actor(providerId),
    kind: 'key',
    label: `key:${name}`,
    name,
    displayName: name,
    role: 'provider',
  };
}

/** A person of the demo. Nobody can sign in as them. */
export function person(name: string, providerId: number): Actor {
  return {
    ...actor(providerId),
    kind: 'user',
    label: `user:${name}`,
    name,
    displayName: name,
    role: 'editor',
  };
}

function actor(providerId: number) {
  return {
    id: 0,
    providerId,
    providerName: DEMO_PROVIDER,
    scope: { all: false, projects: [], providerId, customers: [] },
  };
}

/** The job that is told of. */
interface Subject {
  readonly id: number;
  readonly reporter: string;
  readonly user: string;
  readonly providerId: number;
  /** Of the worker that holds it, if one does. */
  readonly leaseToken?: string | undefined;
}

/** Appends what is told of a job, in order; a batch has one voice, so what changes voice is a batch of its own. */
export function tell(appender: Appender, job: Subject, told: readonly Told[]): Promise<unknown> {
  const batches: Told[][] = [];
  for (const each of told) {
    const batch = batches.at(-1);
    if (batch?.[0]?.by === each.by && batch[0].cause === each.cause) batch.push(each);
    else batches.push([each]);
  }
  return Promise.all(
    batches.map((batch) => {
      const [{ by, cause }] = batch as [Told];
      const name =
        by === 'person' ? person(job.user, job.providerId) : reporter(job.reporter, job.providerId);
      const { leaseToken } = job;
      const lease = by === 'reporter' && leaseToken !== undefined && { leaseToken };
      const entries = batch.map(({ event }): Entry => ({ jobId: job.id, event: { ...event, ...lease } }));
      // Nobody held a lease in the month that is made up: the demo stands in for the queue, too.
      const unfenced = by === 'person' || leaseToken === undefined;
      return appender.append({ actor: name, entries, cause, unfenced });
    }),
  );
}
