import type { JobStatus, Scope } from '@daybook/core';
import type { Kysely } from 'kysely';
import { parsed } from '../../jobs/job-rows.ts';
import { visibleJobs } from '../../jobs/visible-jobs.ts';
import type { Database } from '../../storage/index.ts';
import { type Creator, creatorIn, nobodyKnown } from './creator.ts';
import { DATASTORE, knownParameters, type Manifesto } from './job-parameters.ts';
import { expressible } from './list-jobs.ts';
import { creatorsLabelled, readWireJobs, type WireJob } from './wire-jobs.ts';
import { statusOnWire, type WireStatus, wireTime } from './words.ts';

/** What last happened to a dataset, or to the datastore, as this surface writes it. */
export interface WireTarget {
  readonly name: string;
  readonly lastUpdatedAt: string;
  readonly status: WireStatus;
  readonly lastUpdatedBy: Creator;
  readonly action: readonly string[];
}

interface Dated {
  readonly at: number;
  readonly target: WireTarget;
}

/**
 * All targets by name. What a completed `BUMP` made of a dataset counts where nothing has happened to it since.
 */
export async function readTargets(
  db: Kysely<Database>,
  scope: Scope,
  operations: readonly string[],
  name?: string,
): Promise<WireTarget[]> {
  const found = new Map<string, Dated>();
  for (const each of await lastJobs(db, scope, operations, name)) found.set(each.target.name, each);
  for (const each of await releases(db, scope, operations)) {
    if (name !== undefined && each.target.name !== name) continue;
    if (each.at >= (found.get(each.target.name)?.at ?? 0)) found.set(each.target.name, each);
  }
  return [...found.values()]
    .map(({ target }) => target)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The jobs of a target, and the `BUMP` jobs whose updates name it; in ascending order. */
export async function readTargetJobs(
  db: Kysely<Database>,
  scope: Scope,
  operations: readonly string[],
  name: string,
): Promise<WireJob[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('jobs.id')
    .where('jobs.target', '=', name)
    .where(visibleJobs(scope))
    .where(expressible(operations))
    .execute();
  const bumps = await readBumps(db, scope, operations);
  const naming = bumps.filter(({ updates }) => updates.some((update) => update.name === name));
  const ids = [...new Set([...rows, ...naming].map(({ id }) => id))].sort((a, b) => a - b);
  const jobs: WireJob[] = [];
  for (let from = 0; from < ids.length; from += 500)
    jobs.push(...(await readWireJobs(db, scope, ids.slice(from, from + 500))));
  return jobs;
}

/** The newest job of each target that the scope sees. */
async function lastJobs(
  db: Kysely<Database>,
  scope: Scope,
  operations: readonly string[],
  name: string | undefined,
): Promise<Dated[]> {
  const newest = db
    .selectFrom('jobs')
    .select((eb) => eb.fn.max('jobs.id').as('id'))
    .where(visibleJobs(scope))
    .where(expressible(operations))
    .$if(name !== undefined, (query) => query.where('jobs.target', '=', name as string))
    .groupBy('jobs.target');
  const rows = await db
    .selectFrom('jobs')
    .leftJoin('documents', 'documents.job_id', 'jobs.id')
    .leftJoin('events', (join) =>
      join.onRef('events.job_id', '=', 'jobs.id').on('events.kind', '=', 'created'),
    )
    .select(['jobs.target', 'jobs.operation', 'jobs.status', 'jobs.step', 'jobs.seen_at', 'jobs.ended_at'])
    .select(['documents.parameters', 'documents.context', 'events.actor'])
    .where('jobs.id', 'in', newest)
    .execute();
  const makers = await creatorsLabelled(
    db,
    rows.flatMap(({ actor }) => actor ?? []),
  );
  return rows.map((row) => {
    const at = row.ended_at ?? row.seen_at;
    const parameters = knownParameters(parsed(row.parameters));
    return {
      at,
      target: {
        name: row.target as string,
        lastUpdatedAt: wireTime(at),
        status: statusOnWire(row.status as JobStatus, row.step),
        lastUpdatedBy: creatorIn(parsed(row.context)) ?? makers.get(row.actor ?? '') ?? nobodyKnown,
        action: actionOf(row.operation as string, parameters),
      },
    };
  });
}

function actionOf(operation: string, parameters: ReturnType<typeof knownParameters>): string[] {
  const { releaseStatus, bumpFromVersion, bumpToVersion } = parameters;
  const more =
    operation === 'SET_STATUS'
      ? [releaseStatus]
      : operation === 'BUMP'
        ? [bumpFromVersion, bumpToVersion]
        : [];
  return [operation, ...more.filter((each) => each !== undefined)];
}

interface Bump {
  readonly id: number;
  readonly completed: boolean;
  readonly at: number;
  readonly by: Creator;
  readonly toVersion: string;
  readonly updates: Manifesto['dataStructureUpdates'];
}

/** What was released and removed by each `BUMP` that is completed, the oldest first. */
async function releases(db: Kysely<Database>, scope: Scope, operations: readonly string[]): Promise<Dated[]> {
  const words: Readonly<Record<string, string>> = { PENDING_RELEASE: 'RELEASED', PENDING_DELETE: 'REMOVED' };
  const bumps = (await readBumps(db, scope, operations)).filter(({ completed }) => completed);
  return bumps
    .sort((a, b) => a.at - b.at)
    .flatMap(({ at, by, toVersion, updates }) =>
      updates.flatMap(({ name, releaseStatus }) => {
        const word = words[releaseStatus];
        if (word === undefined) return [];
        const action = [word, toVersion];
        return [
          {
            at,
            target: { name, lastUpdatedAt: wireTime(at), status: 'completed', lastUpdatedBy: by, action },
          },
        ];
      }),
    );
}

/** There is at most one at a time and few a year, so all of them are read. */
async function readBumps(db: Kysely<Database>, scope: Scope, operations: readonly string[]): Promise<Bump[]> {
  const rows = await db
    .selectFrom('jobs')
    .innerJoin('documents', 'documents.job_id', 'jobs.id')
    .select([
      'jobs.id',
      'jobs.status',
      'jobs.seen_at',
      'jobs.ended_at',
      'documents.parameters',
      'documents.context',
    ])
    .where('jobs.target', '=', DATASTORE)
    .where('jobs.operation', '=', 'BUMP')
    .where(visibleJobs(scope))
    .where(expressible(operations))
    .execute();
  return rows.map((row) => {
    const { bumpToVersion, bumpManifesto } = knownParameters(parsed(row.parameters));
    return {
      id: row.id,
      completed: statusOnWire(row.status as JobStatus, null) === 'completed',
      at: row.ended_at ?? row.seen_at,
      by: creatorIn(parsed(row.context)) ?? nobodyKnown,
      toVersion: bumpToVersion ?? '',
      updates: bumpManifesto?.dataStructureUpdates ?? [],
    };
  });
}
