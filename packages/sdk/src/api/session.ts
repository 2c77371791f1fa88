import type { Permission, Role } from '@daybook/core';

/** `GET /session`: whom the server takes us for. */
export interface Session {
  readonly kind: 'user' | 'key';
  readonly id: number;
  readonly name: string;
  readonly displayName: string | null;
  readonly role: Role;
  readonly projects: readonly string[];
  readonly permissions: readonly Permission[];
  readonly server: {
    readonly version: string;
    readonly engine: 'sqlite' | 'postgres';
    readonly demo?: boolean;
  };
}
