import type { IncomingHttpHeaders } from 'node:http';
import { limits } from '@daybook/core';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { EngineProfile, Store } from '../storage/index.ts';
import type { Authenticator } from './authenticate.ts';
import type { SignIn } from './sign-in.ts';

/** What the routes of this room are made of. */
export interface RouteParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  /** One for all doors: it counts who tries passwords. */
  readonly signIn: SignIn;
  /** Where people reach Daybook, if that was set. */
  readonly publicUrl?: string | undefined;
  /** Told to whoever is signed in. */
  readonly server: {
    readonly version: string;
    readonly engine: EngineProfile['name'];
    readonly demo: boolean;
    readonly feedback: string | null;
  };
}

export const idParams = z.strictObject({ id: z.coerce.number().int().min(1) });

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(limits.defaultPageSize),
  cursor: z.string().max(500).optional(),
});

/** The beginning of an address that whoever sent these headers can open. */
export function baseAddress(
  { publicUrl }: Pick<RouteParts, 'publicUrl'>,
  headers: IncomingHttpHeaders,
): string {
  return publicUrl ?? `http://${headers.host ?? 'localhost'}`;
}

/** True where people reach Daybook by https alone, so that cookies must not travel without it. */
export function isHttps({ publicUrl }: Pick<RouteParts, 'publicUrl'>): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}
