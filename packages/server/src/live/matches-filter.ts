import { type JobFilter, type JobSummary, matchesQuery, parseInstant, type Query } from '@daybook/core';

/**
 * The filters of a list of jobs and its query, in memory; `filteredJobs` is the same as SQL, and a test compares the two. A
 * summary has the beginnings of long texts and no base runs: what only the rest of it would tell is not found.
 */
export function matchesFilter(job: JobSummary, filter: JobFilter): boolean {
  const submitted = parseInstant(job.submittedAt);
  return (
    among(filter.status, job.status) &&
    among(filter.kind, job.kind) &&
    among(filter.project, job.project) &&
    among(filter.user, job.user) &&
    among(filter.solver, job.solver) &&
    among(filter.configuration, job.configuration?.tag ?? null) &&
    among(filter.configurationVersion, job.configuration?.version ?? null) &&
    among(filter.source, job.source) &&
    among(filter.target, job.target) &&
    among(filter.execution, job.execution) &&
    among(filter.externalId, job.externalId) &&
    among(filter.analysisStatus, job.analysisStatus) &&
    among(filter.assessment, job.assessment ?? 'none') &&
    (filter.tag === undefined || job.tags.some((tag) => filter.tag?.includes(tag))) &&
    (filter.parentId === undefined || filter.parentId === job.parentId) &&
    (filter.stalled === undefined || filter.stalled === job.stalled) &&
    (filter.submittedAfter === undefined || submitted >= filter.submittedAfter) &&
    (filter.submittedBefore === undefined || submitted < filter.submittedBefore) &&
    (filter.q === undefined || isAskedFor(job, filter.q))
  );
}

function among(values: readonly string[] | undefined, value: string | null): boolean {
  return values === undefined || (value !== null && values.includes(value));
}

function isAskedFor(job: JobSummary, { root, context }: Query): boolean {
  if (context === undefined) throw new Error('a query that depends on who asks was not told who does');
  return matchesQuery(job, root, context);
}
