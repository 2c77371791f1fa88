import { nobody, type Role, type Scope } from '@daybook/core';
import type { Kysely } from 'kysely';
import type { Database, Transaction } from '../storage/index.ts';

/** The project that stands for all of them in a grant. */
export const ALL_PROJECTS = '*';

/** What of a user or key decides on which jobs they see. */
export interface Standing {
  readonly role: Role;
  readonly providerId: number;
  readonly projects: readonly string[];
  readonly customers: Scope['customers'];
}

/** Which jobs somebody sees (the table of design.md §8). */
export function scopeOf({ role, providerId, projects, customers }: Standing): Scope {
  switch (role) {
    case 'admin':
      return { ...nobody, all: true };
    case 'viewer':
    case 'editor':
      return projects.includes(ALL_PROJECTS) ? { ...nobody, all: true } : { ...nobody, projects };
    case 'provider':
      return { ...nobody, providerId };
    case 'customer':
      return { ...nobody, customers };
  }
}

/** Who is granted something. */
export type Grantee = { readonly userId: number } | { readonly keyId: number };

/** The projects granted to somebody, sorted. */
export async function grantedProjects(db: Kysely<Database>, grantee: Grantee): Promise<string[]> {
  const rows = await db
    .selectFrom('grants')
    .select('project')
    .where('userId' in grantee ? 'user_id' : 'key_id', '=', idOf(grantee))
    .orderBy('project')
    .execute();
  return rows.map((row) => row.project);
}

/** The projects granted to many users or keys, by their id. */
export async function grantsOf(
  db: Kysely<Database>,
  column: 'user_id' | 'key_id',
  ids: readonly number[],
): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return found;
  const rows = await db
    .selectFrom('grants')
    .select([column, 'project'])
    .where(column, 'in', ids)
    .orderBy('project')
    .execute();
  for (const row of rows as { user_id?: number; key_id?: number; project: string }[])
    found.get(row[column] as number)?.push(row.project);
  return found;
}

/** Replaces what somebody is granted. */
export async function grant(
  { db }: Transaction,
  grantee: Grantee,
  projects: readonly string[],
): Promise<void> {
  const column = 'userId' in grantee ? 'user_id' : 'key_id';
  await db.deleteFrom('grants').where(column, '=', idOf(grantee)).execute();
  const rows = [...new Set(projects)].map((project) => ({
    user_id: 'userId' in grantee ? grantee.userId : null,
    key_id: 'keyId' in grantee ? grantee.keyId : null,
    project,
  }));
  if (rows.length > 0) await db.insertInto('grants').values(rows).execute();
}

function idOf(grantee: Grantee): number {
  return 'userId' in grantee ? grantee.userId : grantee.keyId;
}
