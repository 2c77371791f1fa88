import { isoInstant, toIso } from '@daybook/core';
import { z } from 'zod';
import { type Route, route } from '../route.ts';
import { baseAddress, idParams, pageQuery, type RouteParts } from './route-parts.ts';
import { signInAddress } from './sign-in-links.ts';
import {
  createUser,
  inviteUser,
  listUsers,
  newUserSchema,
  updateUser,
  userPatchSchema,
  userSchema,
} from './users.ts';

const group = 'Users';
const signInLink = z.string().meta({ description: 'Shown once: whoever opens it is signed in, once' });

export function userRoutes(parts: RouteParts): Route[] {
  const { store, clock, authenticator } = parts;
  return [
    route({
      method: 'GET',
      path: '/api/v1/users',
      access: 'users.manage',
      group,
      summary: 'Users, by name',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(userSchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ query }) => ({ body: await listUsers(store.read, query) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/users',
      access: 'users.manage',
      group,
      summary: 'Make a user',
      body: newUserSchema,
      answers: {
        201: {
          description: 'The user, and the link to send them',
          schema: userSchema.extend({ signInLink }).meta({ id: 'UserInvited' }),
        },
      },
      handle: async ({ actor, body, headers }) => {
        const { user, link } = await createUser(store, clock, actor.label, body);
        return {
          status: 201,
          headers: { location: `/api/v1/users/${user.id}`, 'cache-control': 'no-store' },
          body: { ...user, signInLink: signInAddress(baseAddress(parts, headers), link.token) },
        };
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/users/:id',
      access: 'users.manage',
      group,
      summary: 'Change a user',
      description: 'Whoever is disabled is signed out at once. Somebody always stays admin.',
      params: idParams,
      body: userPatchSchema,
      answers: { 200: { description: 'The user', schema: userSchema } },
      handle: async ({ actor, params, body }) => {
        const user = await updateUser(store, clock, actor.label, params.id, body);
        authenticator.forget();
        return { body: user };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/users/:id/sign-in-link',
      access: 'users.manage',
      group,
      summary: 'Make a sign-in link for a user',
      description: 'For whoever lost their password. It is good for seven days, once.',
      params: idParams,
      answers: {
        200: {
          description: 'The link',
          schema: z.object({ signInLink, expiresAt: isoInstant }).meta({ id: 'SignInLink' }),
        },
      },
      handle: async ({ actor, params, headers }) => {
        const link = await inviteUser(store, clock, actor.label, params.id);
        return {
          headers: { 'cache-control': 'no-store' },
          body: {
            signInLink: signInAddress(baseAddress(parts, headers), link.token),
            expiresAt: toIso(link.expiresAt),
          },
        };
      },
    }),
  ];
}
