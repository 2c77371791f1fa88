import { nobody, type Role, type Scope } from '@daybook/core';

/** Who does something: a signed-in person or an API key. Made by `access`, asked by everybody. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'system';
  readonly id: number;
  /** How events and the audit name them: `user:doea`, `key:ci`. */
  readonly label: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  /** Whose jobs they produce; 0 is nobody's. */
  readonly providerId: number;
  readonly providerName: string | null;
  /** Which jobs they may see. */
  readonly scope: Scope;
}

/** The id of the key that an actor is, to be kept with what it makes; null for whoever is none. */
export function keyOf({ kind, id }: Actor): number | null {
  return kind === 'key' ? id : null;
}

/** Daybook itself, for its duties. */
export const daybook: Actor = {
  kind: 'system',
  id: 0,
  label: 'daybook',
  name: 'daybook',
  displayName: 'Daybook',
  role: 'admin',
  providerId: 0,
  providerName: null,
  scope: { all: true, projects: [], providerId: 0, customers: [] },
};

/** Whoever asks a public route. Sees nothing. */
export const nobodyActor: Actor = {
  kind: 'system',
  id: 0,
  label: 'nobody',
  name: '',
  displayName: '',
  role: 'viewer',
  providerId: 0,
  providerName: null,
  scope: nobody,
};
