import type { Actor } from '../../actor.ts';

/** Who made a job, as the wire says it. */
export interface Creator {
  readonly userId: string;
  readonly firstName: string;
  readonly lastName: string;
}

export const nobodyKnown: Creator = { userId: '', firstName: '', lastName: '' };

/** A Daybook user, or a key, as a creator. */
export function creatorOf({ kind, id, label, displayName }: Actor): Creator {
  return { userId: kind === 'user' ? String(id) : label, ...namesOf(displayName) };
}

/** A display name as first and last name: the last word is the last name; a single word is a first name. */
export function namesOf(displayName: string): Pick<Creator, 'firstName' | 'lastName'> {
  const words = displayName.trim().split(/\s+/);
  const lastName = words.length > 1 ? (words.pop() as string) : '';
  return { firstName: words.join(' '), lastName };
}

/** The creator that a job's context names, if it does. */
export function creatorIn(context: Record<string, unknown> | null): Creator | undefined {
  const { userId, firstName, lastName } = (context?.['createdBy'] ?? {}) as Partial<Record<string, unknown>>;
  const isText = typeof userId === 'string' && typeof firstName === 'string' && typeof lastName === 'string';
  return isText ? { userId, firstName, lastName } : undefined;
}
