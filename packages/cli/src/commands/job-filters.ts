import type { JobQuery } from '@daybook/sdk';

/** The filters of `jobs list` and `jobs watch`, as they were given. */
export interface FilterFlags {
  readonly status: readonly string[];
  readonly kind: readonly string[];
  readonly project: readonly string[];
  readonly user: readonly string[];
  readonly configuration: readonly string[];
  readonly source: readonly string[];
  readonly tag: readonly string[];
  readonly target: readonly string[];
}

export function filterQuery({
  status,
  kind,
  project,
  user,
  configuration,
  source,
  tag,
  target,
}: FilterFlags): JobQuery {
  const given = Object.entries({ status, kind, project, user, configuration, source, tag, target });
  return Object.fromEntries(given.filter(([, values]) => values.length > 0));
}
