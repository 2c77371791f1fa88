import { constants } from 'node:fs';

/** True for the names that tickets have: directly in the directory, not hidden. */
export function isTicketName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/**
 * How tickets are opened for reading. Links lead out of the directory, and a named pipe would hold us for ever; Windows
 * has neither flag.
 */
export const readOnly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
