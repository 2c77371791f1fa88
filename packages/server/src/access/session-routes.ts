import { DaybookError, label, languages, limits, printed } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { oneOrMany } from '../one-or-many.ts';
import { type Route, route } from '../route.ts';
import { keyHeader, sessionToken } from './credentials.ts';
import { sessionIdentity } from './identities.ts';
import { newPassword } from './passwords.ts';
import { isHttps, type RouteParts } from './route-parts.ts';
import { sessionAnswer, sessionOf } from './session-view.ts';
import { endSession, noSessionCookie, sessionCookie } from './sessions.ts';

const group = 'Session';
const passwordForm = z.strictObject({
  name: printed(limits.tag).trim().toLowerCase(),
  password: printed(1_000),
});
const linkForm = z.strictObject({
  token: printed(limits.tag).meta({ description: 'From a sign-in link' }),
});
const signInForm = oneOrMany(passwordForm, linkForm, 'token');
const passwordChange = z.strictObject({
  password: newPassword,
  current: printed(1_000).optional().meta({ description: 'Required once a password is set' }),
});
const profile = z.strictObject({
  language: z.enum(languages).nullable().optional(),
  displayName: label(limits.tag).optional(),
});

export function sessionRoutes(parts: RouteParts): Route[] {
  const { store, clock, authenticator, signIn } = parts;
  return [
    route({
      method: 'GET',
      path: '/api/v1/session',
      access: 'self.read',
      group,
      summary: 'Who am I, and what may I do',
      answers: { 200: sessionAnswer },
      handle: async ({ actor }) => ({ body: await sessionOf(parts, actor) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/session',
      access: 'public',
      group,
      summary: 'Sign in with a password or a link',
      description: 'A link works once. Failed tries are slowed down.',
      body: signInForm,
      bodyDescription: z.union([passwordForm, linkForm]),
      answers: { 200: { ...sessionAnswer, description: 'Signed in; the cookie `daybook_session` is set' } },
      handle: async ({ body, ip }) => {
        const token =
          'token' in body
            ? await signIn.withLink(body.token, ip)
            : await signIn.withPassword(body.name, body.password, ip);
        const { actor } = await sessionIdentity(store.read, token, clock.now());
        return {
          headers: { 'set-cookie': sessionCookie(token, isHttps(parts)), 'cache-control': 'no-store' },
          body: await sessionOf(parts, actor),
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/session',
      access: 'self.read',
      group,
      summary: 'Sign out',
      answers: { 204: { description: 'Signed out' } },
      handle: async ({ headers }) => {
        const token = sessionToken(headers);
        if (keyHeader(headers) === undefined && token !== undefined) {
          await endSession(store, token);
          authenticator.forget();
        }
        return { status: 204, headers: { 'set-cookie': noSessionCookie(isHttps(parts)) } };
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/session/password',
      access: 'self.read',
      group,
      summary: 'Set my password',
      description: 'Other sessions of mine end.',
      body: passwordChange,
      answers: { 204: { description: 'It is set' } },
      handle: async ({ actor, body, ip, headers }) => {
        refuseKeys(actor);
        await signIn.setPassword(actor, body, ip, sessionToken(headers));
        authenticator.forget();
        return { status: 204 };
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/session',
      access: 'self.read',
      group,
      summary: 'Change my name or language',
      body: profile,
      answers: { 200: sessionAnswer },
      handle: async ({ actor, body }) => {
        refuseKeys(actor);
        await saveProfile(parts, actor.id, body);
        return { body: await sessionOf(parts, actor) };
      },
    }),
  ];
}

function refuseKeys(actor: Actor): void {
  if (actor.kind !== 'user')
    throw new DaybookError('forbidden', 'This is for people: an API key has no profile.');
}

async function saveProfile(
  { store, authenticator }: RouteParts,
  id: number,
  { language, displayName }: z.infer<typeof profile>,
): Promise<void> {
  if (language === undefined && displayName === undefined) return;
  await store.write(async ({ db }) => {
    await db
      .updateTable('users')
      .set({
        ...(language !== undefined && { language }),
        ...(displayName !== undefined && { display_name: displayName }),
      })
      .where('id', '=', id)
      .execute();
  });
  authenticator.forget();
}
