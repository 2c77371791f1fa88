import { DaybookError, roleMay } from '@daybook/core';
import { keyHeader, keyIn, SESSION_COOKIE } from '../../access/credentials.ts';
import { secretKinds } from '../../access/secrets.ts';
import type { Actor } from '../../actor.ts';
import type { Clock } from '../../clock.ts';
import { limitRates } from '../../http/rate-limit.ts';
import type { Caller } from '../../route.ts';

type Admit = (caller: Caller) => Actor | Promise<Actor>;

export interface AccessParts {
  /** Keys and sessions; throws `unauthenticated` and its kin. */
  readonly authenticate: (headers: Caller['headers']) => Actor | Promise<Actor>;
  readonly clock: Clock;
  /** Requests per second and credential, 0 is no limit. */
  readonly rateLimit: number;
}

/**
 * Who asks (contracts/trackerapi.md). A missing or wrong key is 403 here, but 401 where only admins are let in; so is
 * whoever is no admin there.
 */
export function admissions({ authenticate, clock, rateLimit }: AccessParts): {
  readonly anyone: Admit;
  readonly admin: Admit;
} {
  const limited = limitRates<Caller>(clock, rateLimit, ({ headers }) =>
    authenticate(sessionOfBearer(headers)),
  );
  return {
    anyone: (caller) => answering(limited, caller, (actor) => actor, 'forbidden'),
    admin: (caller) => answering(limited, caller, adminOnly, 'unauthenticated'),
  };
}

/** Without a promise when the key is known already: this runs for every event. */
function answering(
  admit: Admit,
  caller: Caller,
  check: (actor: Actor) => Actor,
  code: 'forbidden' | 'unauthenticated',
): Actor | Promise<Actor> {
  const translated = (error: unknown): unknown =>
    error instanceof DaybookError && (error.status === 401 || error.status === 403)
      ? new DaybookError(code, error.message)
      : error;
  try {
    const actor = admit(caller);
    if (!(actor instanceof Promise)) return check(actor);
    return actor.then(check).catch((error: unknown) => Promise.reject(translated(error)));
  } catch (error) {
    throw translated(error);
  }
}

function adminOnly(actor: Actor): Actor {
  if (roleMay(actor.role, 'keys.manage')) return actor;
  throw new DaybookError('forbidden', 'This is for admins alone.');
}

/** What `POST /tracker/login` answers is the session's token, and is sent as a bearer token. */
function sessionOfBearer(headers: Caller['headers']): Caller['headers'] {
  const header = keyHeader(headers);
  const token = header === undefined ? '' : keyIn(header);
  return token.startsWith(secretKinds.session) ? { cookie: `${SESSION_COOKIE}=${token}` } : headers;
}
