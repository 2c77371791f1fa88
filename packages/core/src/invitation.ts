import { z } from 'zod';
import { invitedRoles } from './lending.ts';
import { limits } from './limits.ts';
import { instant, isoInstant, label, prose, rowId } from './text.ts';

/** The id by which a provider's jobs name a customer; the same id at another provider is another person. */
export const customerId = label(limits.name);

export const invitationCreateSchema = z
  .strictObject({
    role: z.enum(invitedRoles).default('customer').meta({ description: 'Only admins invite providers' }),
    customer: customerId.optional().meta({
      description: "The id by which the provider's jobs name them; a number given at sign-up when left out",
    }),
    provider: label(limits.tag)
      .optional()
      .meta({ description: 'For admins: whose customer; for a provider, whose jobs they produce' }),
    note: prose(limits.shortText).optional().meta({ description: 'Whom it is for; they do not see it' }),
    expiresAt: instant.optional().meta({ description: 'In 14 days when left out; in 90 at most' }),
  })
  .refine(({ role, customer }) => role === 'customer' || customer === undefined, {
    path: ['customer'],
    message: 'is for customers',
  })
  .meta({ id: 'InvitationCreate' });
export type InvitationCreate = z.infer<typeof invitationCreateSchema>;

export const invitationStates = ['open', 'accepted', 'expired', 'revoked'] as const;

/** An invitation as it is listed: its link is shown once, when it is made. */
export const invitationSchema = z
  .object({
    id: rowId,
    role: z.enum(invitedRoles),
    provider: z.string().nullable(),
    customer: z.string().nullable(),
    note: z.string().nullable(),
    state: z.enum(invitationStates),
    createdAt: isoInstant,
    createdBy: z.string(),
    expiresAt: isoInstant,
    acceptedAt: isoInstant.nullable(),
    acceptedBy: z.string().nullable().meta({ description: 'Name of the user' }),
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof invitationSchema>;

export const invitationMadeSchema = invitationSchema
  .extend({ link: z.string().meta({ description: 'Shown once: whoever opens it can sign up, once' }) })
  .meta({ id: 'InvitationMade' });
export type InvitationMade = z.infer<typeof invitationMadeSchema>;

/** What somebody who was invited is told before they accept. */
export const openInvitationSchema = z
  .object({
    role: z.enum(invitedRoles),
    provider: z.string().nullable(),
    customer: z.string().nullable(),
    expiresAt: isoInstant,
  })
  .meta({ id: 'OpenInvitation' });
export type OpenInvitation = z.infer<typeof openInvitationSchema>;

/** That a user follows the jobs of a provider that name this customer. */
export const customerSchema = z
  .object({
    userId: rowId,
    user: z.string(),
    displayName: z.string(),
    provider: z.string(),
    customer: customerId,
    since: isoInstant.nullable(),
    jobs: z.int().meta({ description: 'That name them' }),
  })
  .meta({ id: 'Customer' });
export type Customer = z.infer<typeof customerSchema>;
