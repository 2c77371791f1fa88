import { languages, type Permission, permissions, roleMay, roles } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { formatPosition } from '../live/read-facts.ts';
import { takesProjects } from './keys.ts';
import type { RouteParts } from './route-parts.ts';
import { ALL_PROJECTS } from './scopes.ts';
import { userById } from './users.ts';

const permissionNames = Object.keys(permissions) as [Permission, ...Permission[]];

const sessionSchema = z
  .object({
    kind: z.enum(['user', 'key']),
    id: z.int(),
    name: z.string(),
    displayName: z.string(),
    role: z.enum(roles),
    projects: z.array(z.string()).meta({ description: 'Whose jobs are seen; `*` is all' }),
    permissions: z.array(z.enum(permissionNames)),
    language: z.enum(languages).nullable(),
    hasPassword: z.boolean(),
    position: z.string().meta({
      description:
        'Where the stream stands: opened `after` it, it tells all that answers from now on may lack',
    }),
    server: z.object({
      version: z.string(),
      engine: z.enum(['sqlite', 'postgres']),
      demo: z.boolean(),
      feedback: z.string().nullable().meta({ description: 'Where feedback goes: a page, or `mailto:`' }),
    }),
  })
  .meta({ id: 'Session' });
type Session = z.infer<typeof sessionSchema>;

export const sessionAnswer = { description: 'Who is signed in', schema: sessionSchema };

/** Who is signed in, as they are told. */
export async function sessionOf({ store, server }: RouteParts, actor: Actor): Promise<Session> {
  const user = actor.kind === 'user' ? await userById(store.read, actor.id) : undefined;
  return {
    kind: actor.kind === 'user' ? 'user' : 'key',
    id: actor.id,
    name: actor.name,
    displayName: user?.displayName ?? actor.displayName,
    role: actor.role,
    projects: actor.scope.all ? [ALL_PROJECTS] : takesProjects(actor.role) ? [...actor.scope.projects] : [],
    permissions: permissionNames.filter((permission) => roleMay(actor.role, permission)),
    language: user?.language ?? null,
    hasPassword: user?.hasPassword ?? false,
    position: formatPosition(await store.profile.horizon(store.read)),
    server,
  };
}
