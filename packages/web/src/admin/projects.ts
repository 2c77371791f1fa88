import type { Role } from '@daybook/core';

/** The roles whose sight is granted by project; the others see by who they are. */
export function needsProjects(role: Role): boolean {
  return role === 'viewer' || role === 'editor';
}

/** Project names between spaces or commas; `*` is all of them. */
export function splitProjects(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

export function seesAll(one: { readonly role: Role; readonly projects: readonly string[] }): boolean {
  return one.role === 'admin' || one.projects.includes('*');
}
