import { keyHeader, sessionToken } from '../../access/credentials.ts';
import { TrustedNetworks } from '../../access/trusted-networks.ts';
import type { Actor } from '../../actor.ts';
import type { Clock } from '../../clock.ts';
import { limitRates } from '../../http/rate-limit.ts';
import type { Caller } from '../../route.ts';

type Admit = (caller: Caller) => Actor | Promise<Actor>;

export interface AccessParts {
  /** Keys and sessions; throws `unauthenticated` where there is neither. */
  readonly authenticate: (headers: Caller['headers']) => Actor | Promise<Actor>;
  /** Proxies that say who the user is. */
  readonly trustedProxies: readonly string[];
  /** The header in which they say so. */
  readonly userHeader: string;
  /** Networks whose uploaders need no credentials, and who they are. */
  readonly networks: readonly string[];
  readonly defaultUser: string | undefined;
  readonly clock: Clock;
  readonly rateLimit: number;
}

/** Longer ones are no names. */
const LONGEST = 200;

/**
 * Who asks (contracts/pacifica.md): whom a trusted proxy names, else whoever brings a key or a session, else the user that
 * trusted networks stand for.
 */
export function admission(parts: AccessParts): Admit {
  const proxies = new TrustedNetworks(parts.trustedProxies);
  const networks = new TrustedNetworks(parts.networks);
  const header = parts.userHeader.toLowerCase();
  return limitRates<Caller>(parts.clock, parts.rateLimit, (caller) => {
    const { headers, ip, peer } = caller;
    const named = plainName(headers[header]);
    // Only the proxy itself is asked, whomever it speaks for: anybody can write a header.
    const isProxy = peer !== undefined && proxies.include({ headers: {}, ip: peer, peer });
    if (named !== undefined && isProxy) return uploader(named, `user:${named}`);
    const hasCredentials = keyHeader(headers) !== undefined || sessionToken(headers) !== undefined;
    if (hasCredentials || !networks.include(caller)) return parts.authenticate(headers);
    const { defaultUser } = parts;
    return defaultUser === undefined
      ? uploader(ip, `network:${ip}`)
      : uploader(defaultUser, `user:${defaultUser}`);
  });
}

function plainName(value: string | string[] | undefined): string | undefined {
  const name = typeof value === 'string' ? value.trim() : '';
  return name !== '' && name.length <= LONGEST && !/\p{Cc}/u.test(name) ? name : undefined;
}

/** Somebody of whom only the name is known: may do what this surface offers, and that is to ingest. */
function uploader(name: string, label: string): Actor {
  return {
    kind: 'system',
    id: 0,
    label,
    name,
    displayName: name,
    role: 'provider',
    providerId: 0,
    providerName: null,
    scope: { all: true, projects: [], providerId: 0, customers: [] },
  };
}
