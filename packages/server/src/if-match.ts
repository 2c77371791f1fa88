import { DaybookError } from '@daybook/core';

/**
 * The version that a caller saw, from `If-Match`: `"3"`, `W/"3"` or `3`.
 *
 * @throws DaybookError `version_required` if there is none
 */
export function ifMatch(header: string | undefined): number {
  const version = /^"?(\d{1,15})"?$/.exec(header?.replace(/^W\//, '') ?? '')?.[1];
  if (version === undefined)
    throw new DaybookError('version_required', 'Send the version that you saw, as `version` or in If-Match.');
  return Number(version);
}
