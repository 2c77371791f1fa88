/* What is lent to people by links, and for how long. Apart from the schemas, which no page needs to load. */

/** How long a link by which anybody follows a job is good, days: unless something else is said, and at most. */
export const shareDays = { usual: 30, longest: 366 } as const;

/** How long an invitation is good, days: unless something else is said, and at most. */
export const invitationDays = { usual: 14, longest: 90 } as const;

/** Whom one can invite: people of other roles are made by an admin. */
export const invitedRoles = ['customer', 'provider'] as const;
export type InvitedRole = (typeof invitedRoles)[number];
