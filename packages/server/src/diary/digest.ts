import {
  type Digest,
  type DigestJob,
  type DigestProject,
  type DigestQuery,
  digestLimits,
  endedStatuses,
  type JobStatus,
  type Scope,
  type Span,
  spanOfWeek,
  toIso,
  weekOf,
} from '@daybook/core';
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import { isoOrNull } from '../jobs/job-rows.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import type { Database } from '../storage/index.ts';

/** Who canceled a job has said what there is to say of it. */
const judged = endedStatuses.filter((status) => status !== 'canceled');

/**
 * What happened in a week to the jobs that a scope sees, per project, those with the most jobs first.
 *
 * @throws InvalidTimeError for a week that the calendar does not have
 */
export async function readDigest(
  db: Kysely<Database>,
  scope: Scope,
  query: DigestQuery,
  { now, timeZone }: { now: number; timeZone: string },
): Promise<Digest> {
  const week = query.week ?? weekOf(now, timeZone);
  const span = spanOfWeek(week, timeZone);
  const projects = new Map<string | null, DigestProject>();
  const of = (project: string | null) => {
    const known = projects.get(project) ?? blank(project);
    projects.set(project, known);
    return known;
  };
  // One after the other: they share one reader.
  for (const { project, status, count } of await countEnded(db, scope, query, span)) {
    const each = of(project);
    each.ended[status as JobStatus] = Number(count);
    each.jobs += Number(count);
  }
  for (const list of ['failed', 'concluded', 'waiting'] as const)
    for (const row of await listed(db, scope, query, conditions[list](span))) {
      const { items } = of(row.project)[list];
      of(row.project)[list].count = Number(row.count);
      items.push(digestJob(row));
    }
  const sorted = [...projects.values()].sort((a, b) => weight(b) - weight(a));
  return {
    week,
    since: toIso(span.since),
    until: toIso(span.until),
    timeZone,
    projects: sorted.slice(0, digestLimits.projects),
  };
}

function blank(project: string | null): DigestProject {
  const none = () => ({ count: 0, items: [] });
  return { project, ended: {}, jobs: 0, failed: none(), concluded: none(), waiting: none() };
}

function weight({ jobs, concluded }: DigestProject): number {
  return jobs + concluded.count;
}

type Builder = ExpressionBuilder<Database, 'jobs'>;

/** Which jobs are in a list. */
const conditions = {
  failed: (span: Span) => (eb: Builder) =>
    eb.and([
      eb('jobs.status', '=', 'failed'),
      eb('jobs.ended_at', '>=', span.since),
      eb('jobs.ended_at', '<', span.until),
    ]),
  concluded: (span: Span) => (eb: Builder) =>
    eb.and([
      eb('jobs.analysis_status', '=', 'done'),
      // Whatever changes a job updates it, so that few facts have to be looked at.
      eb('jobs.updated_at', '>=', span.since),
      eb.exists(
        eb
          .selectFrom('events')
          .select('events.id')
          .whereRef('events.job_id', '=', 'jobs.id')
          .where('events.kind', '=', 'annotation')
          .where('events.at', '>=', span.since)
          .where('events.at', '<', span.until)
          .where(sql<boolean>`CAST(events.metadata AS TEXT) LIKE '%"analysisStatus"%'`),
      ),
    ]),
  waiting: (span: Span) => (eb: Builder) =>
    eb.and([
      eb('jobs.status', 'in', judged),
      eb('jobs.analysis_status', '=', 'open'),
      eb('jobs.assessment', 'is', null),
      eb('jobs.ended_at', '<', span.until),
    ]),
};

function visibleIn(db: Kysely<Database>, scope: Scope, { project }: DigestQuery) {
  return db
    .selectFrom('jobs')
    .where(visibleJobs(scope))
    .$if(project !== undefined, (query) => query.where('jobs.project', '=', project as string));
}

function countEnded(db: Kysely<Database>, scope: Scope, query: DigestQuery, span: Span) {
  return visibleIn(db, scope, query)
    .select((eb) => [
      'jobs.project as project',
      'jobs.status as status',
      eb.fn.countAll<number>().as('count'),
    ])
    .where('jobs.ended_at', '>=', span.since)
    .where('jobs.ended_at', '<', span.until)
    .where('jobs.status', 'in', endedStatuses)
    .groupBy(['jobs.project', 'jobs.status'])
    .execute();
}

/** Of a text its first line is told, and of that so much. */
const NOTE = 200;

type Listed = Awaited<ReturnType<typeof listed>>[number];

/** The latest jobs of a list in each project, each with how many there are. */
async function listed(
  db: Kysely<Database>,
  scope: Scope,
  query: DigestQuery,
  condition: (eb: Builder) => ReturnType<Builder['and']>,
) {
  const ranked = visibleIn(db, scope, query)
    .select('jobs.id as id')
    .select([
      sql<number>`row_number() OVER (PARTITION BY jobs.project ORDER BY jobs.ended_at DESC, jobs.id DESC)`.as(
        'place',
      ),
      sql<number>`count(*) OVER (PARTITION BY jobs.project)`.as('count'),
    ])
    .where(condition);
  return await db
    .selectFrom(ranked.as('ranked'))
    .innerJoin('jobs', 'jobs.id', 'ranked.id')
    .leftJoin('annotations', 'annotations.job_id', 'jobs.id')
    .select([
      'jobs.id',
      'jobs.external_id',
      'jobs.name',
      'jobs.status',
      'jobs.assessment',
      'jobs.user_name',
      'jobs.ended_at',
      'jobs.project',
      'jobs.error',
      'ranked.count',
      sql<string | null>`substr(annotations.summary, 1, ${sql.lit(NOTE + 1)})`.as('summary'),
    ])
    .where('ranked.place', '<=', digestLimits.items)
    .orderBy('ranked.place')
    .execute();
}

function digestJob(row: Listed): DigestJob {
  const [line = ''] = (row.summary || row.error || '').trim().split('\n');
  return {
    id: row.id,
    externalId: row.external_id,
    name: row.name,
    status: row.status as JobStatus,
    assessment: row.assessment as DigestJob['assessment'],
    user: row.user_name,
    endedAt: isoOrNull(row.ended_at),
    note: cut(line.trimEnd()),
  };
}

/** A line of at most so many characters, that ends with a whole word and says that more follows. */
function cut(line: string): string {
  if (line.length <= NOTE) return line;
  const begin = line.slice(0, NOTE - 1);
  const space = begin.lastIndexOf(' ');
  return `${(space > NOTE / 2 ? begin.slice(0, space) : begin).trimEnd()}…`.toWellFormed();
}
