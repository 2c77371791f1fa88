import type { Job } from '@daybook/core';

/** How a base run is named where it is written. */
export function nameOf({ externalId, id }: Job['baseRuns'][number]): string {
  return externalId ?? `#${id}`;
}
