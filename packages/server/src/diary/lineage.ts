import {
  type ComparedJob,
  DaybookError,
  differencesFrom,
  type Lineage,
  type LineageEdge,
  type LineageNode,
  lineageLimits,
  type Scope,
  toIso,
} from '@daybook/core';
import { type Kysely, sql } from 'kysely';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import type { Database } from '../storage/index.ts';

export interface LineageQuery {
  readonly limit: number;
  readonly depth: number;
}

/** One base run, as it is stored. */
interface Link {
  readonly job_id: number;
  readonly base_id: number | null;
  readonly external_id: string;
}

/**
 * The jobs around one that are linked to it by base runs, both ways, nearest first. Circles do no harm: each job is
 * visited once. A job that the scope does not see is not there, nor is what is behind it.
 *
 * @throws DaybookError `not_found`
 */
export async function readLineage(
  db: Kysely<Database>,
  scope: Scope,
  id: number,
  { limit, depth }: LineageQuery,
): Promise<Lineage> {
  const jobs = await findJobs(db, scope, [id]);
  if (!jobs.has(id)) throw new DaybookError('not_found', `There is no job ${id}, or you may not see it.`);
  const links = new Map<string, Link>();
  let edge: readonly number[] = [id];
  let more = false;
  for (let level = 0; edge.length > 0; level++) {
    const found = await linksOf(db, edge);
    for (const link of found) links.set(`${link.job_id} ${link.external_id}`, link);
    const next = new Set(found.flatMap(({ job_id, base_id }) => [job_id, base_id ?? job_id]));
    const unknown = [...next].filter((each) => !jobs.has(each)).sort((a, b) => a - b);
    const seen = await findJobs(db, scope, unknown);
    edge = [];
    if (level >= depth) more ||= seen.size > 0;
    else edge = [...seen.keys()].slice(0, limit - jobs.size);
    more ||= edge.length < seen.size;
    for (const each of edge) jobs.set(each, seen.get(each) as Found);
  }
  return { nodes: nodesOf(jobs, [...links.values()]), edges: edgesOf(jobs, [...links.values()]), more };
}

async function linksOf(db: Kysely<Database>, ids: readonly number[]): Promise<Link[]> {
  // Two statements, so that each has its index.
  const up = await db.selectFrom('base_runs').selectAll().where('job_id', 'in', ids).execute();
  const down = await db.selectFrom('base_runs').selectAll().where('base_id', 'in', ids).execute();
  return [...up, ...down];
}

interface Found {
  readonly node: Omit<LineageNode, 'unknownBases'>;
  readonly compared: ComparedJob;
}

/** Parameters that are longer are not compared on edges: a thousand of them would be a quarter of a gigabyte. */
const LONGEST_PARAMETERS = 16_384;
/** Of texts the beginning tells that they differ, and mostly how. */
const TEXT = 2_000;

async function findJobs(
  db: Kysely<Database>,
  scope: Scope,
  ids: readonly number[],
): Promise<Map<number, Found>> {
  if (ids.length === 0) return new Map();
  const parameters = sql<string>`CAST(documents.parameters AS TEXT)`;
  const rows = await db
    .selectFrom('jobs')
    .leftJoin('annotations', 'annotations.job_id', 'jobs.id')
    .leftJoin('documents', 'documents.job_id', 'jobs.id')
    .selectAll('jobs')
    .select([
      sql<string | null>`substr(annotations.info, 1, ${TEXT})`.as('info'),
      sql<string | null>`substr(annotations.summary, 1, ${TEXT})`.as('summary'),
      sql<string | null>`CASE WHEN length(${parameters}) <= ${LONGEST_PARAMETERS} THEN ${parameters} END`.as(
        'parameters',
      ),
    ])
    .where('jobs.id', 'in', ids)
    .where((eb) => visibleJobs(scope)(eb as never))
    .orderBy('jobs.id')
    .execute();
  return new Map(
    rows.map((row) => {
      const shared = {
        name: row.name,
        status: row.status as LineageNode['status'],
        analysisStatus: row.analysis_status as LineageNode['analysisStatus'],
        assessment: row.assessment as LineageNode['assessment'],
        user: row.user_name,
        project: row.project,
      };
      const node = {
        ...shared,
        id: row.id,
        externalId: row.external_id,
        progress: row.progress,
        submittedAt: toIso(row.submitted_at),
      };
      const compared: ComparedJob = {
        ...shared,
        kind: row.kind,
        configuration:
          row.configuration_tag === null
            ? null
            : { tag: row.configuration_tag, version: row.configuration_version ?? '' },
        solver: row.solver,
        target: row.target,
        operation: row.operation,
        submitDirectory: row.submit_directory,
        tags: [],
        summary: row.summary ?? '',
        info: row.info ?? '',
        parameters: row.parameters === null ? null : JSON.parse(row.parameters),
      };
      return [row.id, { node, compared }] as const;
    }),
  );
}

function nodesOf(jobs: ReadonlyMap<number, Found>, links: readonly Link[]): LineageNode[] {
  const unknown = Map.groupBy(
    links.filter(({ base_id }) => base_id === null || !jobs.has(base_id)),
    ({ job_id }) => job_id,
  );
  return [...jobs].map(([id, { node }]) => ({
    ...node,
    // One that is only cut off has a node elsewhere; its name is known to the job all the same.
    unknownBases: (unknown.get(id) ?? []).map(({ external_id }) => external_id).sort(),
  }));
}

function edgesOf(jobs: ReadonlyMap<number, Found>, links: readonly Link[]): LineageEdge[] {
  const edges = new Map<string, LineageEdge>();
  for (const { job_id, base_id } of links) {
    const job = jobs.get(job_id);
    const base = base_id === null ? undefined : jobs.get(base_id);
    // A base run may be named twice, by its external id and by its number.
    if (job === undefined || base === undefined || edges.has(`${base_id} ${job_id}`)) continue;
    const all = differencesFrom(base.compared, job.compared);
    edges.set(`${base_id} ${job_id}`, {
      base: base.node.id,
      job: job.node.id,
      differences: all.slice(0, lineageLimits.differences),
      count: all.length,
    });
  }
  return [...edges.values()];
}
