import { keyHeader, sessionToken } from '../../access/credentials.ts';
import type { TrustedNetworks } from '../../access/trusted-networks.ts';
import type { Actor } from '../../actor.ts';
import type { Clock } from '../../clock.ts';
import { limitRates } from '../../http/rate-limit.ts';
import type { Caller } from '../../route.ts';
import type { CookiePersons } from './person.ts';

type Admit = (caller: Caller) => Actor | Promise<Actor>;

export interface AccessParts {
  /** Keys and sessions; throws `unauthenticated` where there is neither. */
  readonly authenticate: (headers: Caller['headers']) => Actor | Promise<Actor>;
  readonly networks: TrustedNetworks;
  readonly persons: CookiePersons;
  /** Whether jobs are created by whom the cookies name, where no key or session is sent. */
  readonly jwtAuth: boolean;
  readonly clock: Clock;
  /** Requests per second and credential, 0 is no limit; all without one are one. */
  readonly rateLimit: number;
}

/**
 * Who asks (contracts/microdata.md, "Access"). Whoever sends a key or a session is known by it. Else, creating jobs takes the
 * platform's cookies, and all the rest a trusted network.
 */
export function admissions({ authenticate, networks, persons, jwtAuth, ...rates }: AccessParts): {
  readonly anyone: Admit;
  readonly creator: Admit;
} {
  const anyone: Admit = (caller) => {
    const { headers } = caller;
    if (hasCredentials(headers) || !networks.include(caller)) return authenticate(headers);
    return neighbour(caller.ip);
  };
  const creator: Admit = (caller) =>
    hasCredentials(caller.headers) ? authenticate(caller.headers) : persons.personOf(caller.headers);
  const limited = (admit: Admit) => limitRates(rates.clock, rates.rateLimit, admit);
  return { anyone: limited(anyone), creator: limited(jwtAuth ? creator : anyone) };
}

function hasCredentials(headers: Caller['headers']): boolean {
  return keyHeader(headers) !== undefined || sessionToken(headers) !== undefined;
}

/** Somebody of a trusted network: all that is known of them is where they are. May do what this surface offers. */
function neighbour(ip: string): Actor {
  return {
    kind: 'system',
    id: 0,
    label: `network:${ip}`,
    name: 'microdata',
    displayName: '',
    role: 'admin',
    providerId: 0,
    providerName: null,
    scope: { all: true, projects: [], providerId: 0, customers: [] },
  };
}
