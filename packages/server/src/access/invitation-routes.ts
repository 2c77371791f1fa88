import {
  invitationCreateSchema,
  invitationMadeSchema,
  invitationSchema,
  openInvitationSchema,
} from '@daybook/core';
import { z } from 'zod';
import { type Route, route } from '../route.ts';
import { customerLinks } from './customers.ts';
import { sessionIdentity } from './identities.ts';
import { invitationAddress, invite, listInvitations, revokeInvitation } from './invitations.ts';
import { baseAddress, idParams, isHttps, pageQuery, type RouteParts } from './route-parts.ts';
import { sessionAnswer, sessionOf } from './session-view.ts';
import { sessionCookie } from './sessions.ts';
import { invitationToken, SignUp, signUpForm } from './sign-up.ts';

const group = 'Invitations';
const tokenForm = z.strictObject({ token: invitationToken });
const customerLinkList = z.object({
  items: z.array(z.object({ provider: z.string(), customer: z.string() })),
});

export function invitationRoutes(parts: RouteParts): Route[] {
  const { store, clock, authenticator } = parts;
  const signUp = new SignUp(store, clock);
  return [
    route({
      method: 'GET',
      path: '/api/v1/invitations',
      access: 'customers.manage',
      group,
      summary: 'Invitations, the newest first',
      description: 'A provider is shown those of their own customers, an admin all.',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(invitationSchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ actor, query }) => ({
        body: await listInvitations(store.read, actor, query, clock.now()),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/invitations',
      access: 'customers.manage',
      group,
      summary: 'Invite a customer, or (as an admin) a provider',
      description:
        'Nobody becomes a customer but by an invitation: another provider’s 142 is another person.',
      body: invitationCreateSchema,
      answers: {
        201: { description: 'The invitation, and the link to send them', schema: invitationMadeSchema },
      },
      handle: async ({ actor, body, headers }) => {
        const { invitation, token } = await invite(store, clock, actor, body);
        return {
          status: 201,
          headers: { 'cache-control': 'no-store' },
          body: { ...invitation, link: invitationAddress(baseAddress(parts, headers), token) },
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/invitations/:id',
      access: 'customers.manage',
      group,
      summary: 'Take an invitation back',
      params: idParams,
      answers: { 204: { description: 'It is worth nothing any more' } },
      handle: async ({ actor, params }) => {
        await revokeInvitation(store, clock, actor, params.id);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/invitations/read',
      access: 'public',
      group,
      summary: 'What an invitation is for',
      body: tokenForm,
      answers: { 200: { description: 'Who invites, and as what', schema: openInvitationSchema } },
      handle: async ({ body, ip }) => ({
        headers: { 'cache-control': 'no-store' },
        body: await signUp.read(body.token, ip),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/invitations/accept',
      access: 'public',
      group,
      summary: 'Sign up by an invitation',
      description: 'It works once. Failed tries are slowed down.',
      body: signUpForm,
      answers: { 201: { ...sessionAnswer, description: 'Signed up and in; the cookie is set' } },
      handle: async ({ body, ip }) => {
        const token = await signUp.accept(body, ip);
        const { actor } = await sessionIdentity(store.read, token, clock.now());
        return {
          status: 201,
          headers: { 'set-cookie': sessionCookie(token, isHttps(parts)), 'cache-control': 'no-store' },
          body: await sessionOf(parts, actor),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/session/customers',
      access: 'self.read',
      group,
      summary: 'Whose customer I am',
      answers: { 200: { description: 'Providers, and my number at each', schema: customerLinkList } },
      handle: async ({ actor }) => ({
        body: { items: actor.kind === 'user' ? await customerLinks(store.read, actor.id) : [] },
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/session/customers',
      access: 'self.read',
      group,
      summary: 'Accept an invitation as the customer that I am already',
      body: tokenForm,
      answers: { 200: { description: 'Providers, and my number at each', schema: customerLinkList } },
      handle: async ({ actor, body, ip }) => {
        await signUp.join(actor, body.token, ip);
        authenticator.forget();
        return { body: { items: await customerLinks(store.read, actor.id) } };
      },
    }),
  ];
}
