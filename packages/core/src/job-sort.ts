/** How a list of jobs is sorted; a leading minus means descending. Ties are broken by id. */
export const jobSorts = [
  '-id',
  'id',
  '-submittedAt',
  'submittedAt',
  '-updatedAt',
  'updatedAt',
  '-endedAt',
  'endedAt',
  'name',
  '-name',
  'duration',
  '-duration',
  'user',
  '-user',
  'project',
  '-project',
] as const;
export type JobSort = (typeof jobSorts)[number];
