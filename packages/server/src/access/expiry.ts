import { DaybookError } from '@daybook/core';

const DAY = 24 * 60 * 60_000;

/**
 * When something that is handed out ends, milliseconds since 1970: as asked for, or after the usual time.
 *
 * @throws DaybookError `invalid_request` for a time that is past, or too far ahead
 */
export function expiryOf(
  asked: number | undefined,
  now: number,
  { usual, longest }: { readonly usual: number; readonly longest: number },
): number {
  if (asked === undefined) return now + usual * DAY;
  const refuse = (message: string) =>
    new DaybookError('invalid_request', undefined, { faults: [{ path: 'expiresAt', message }] });
  if (asked <= now) throw refuse('must be in the future');
  if (asked > now + longest * DAY) throw refuse(`must be within ${longest} days`);
  return asked;
}
