import type { IncomingHttpHeaders } from 'node:http';
import { DaybookError } from '@daybook/core';
import type { JWTPayload } from 'jose';
import { RemoteKeys } from '../../access/remote-keys.ts';
import type { Actor } from '../../actor.ts';
import type { Clock } from '../../clock.ts';
import type { Creator } from './creator.ts';

/** Claims of the two cookies (contracts/microdata.md, "Access"). */
const ROLE = 'accreditation/role';
const ADMINISTRATOR = 'role/dataadministrator';
const ID = 'user/uuid';
const FIRST_NAME = 'user/firstName';
const LAST_NAME = 'user/lastName';
const ALGORITHMS = ['RS256', 'RS512'];

/** Somebody whom the platform has signed in, not we: may offer jobs, and that is all that is asked of them. */
export interface Person extends Actor {
  readonly creator: Creator;
}

/** Reads the cookies `authorization` and `user-info`; both must be good, and of the same person. */
export class CookiePersons {
  readonly #keys: RemoteKeys | undefined;
  readonly #audience: string;

  constructor(settings: { jwksUrl?: string | undefined; stack: string }, clock: Clock) {
    this.#keys = settings.jwksUrl === undefined ? undefined : new RemoteKeys(settings.jwksUrl, clock);
    this.#audience = settings.stack === 'qa' ? 'datastore-qa' : 'datastore';
  }

  /** Throws `unauthenticated`; `unavailable` when the keys cannot be fetched. */
  async personOf(headers: IncomingHttpHeaders): Promise<Person> {
    const authorization = cookie(headers, 'authorization');
    const userInfo = cookie(headers, 'user-info');
    if (authorization === undefined || userInfo === undefined)
      throw unauthorized('send an API key, or the cookies authorization and user-info');
    if (this.#keys === undefined) throw unauthorized('cookies are not set up here (DAYBOOK_JWKS_URL)');
    const rules = { algorithms: ALGORITHMS, audience: this.#audience };
    const granted = await this.#keys.verify(authorization, { ...rules, required: ['aud', 'sub', ROLE, ID] });
    const user = await this.#keys.verify(userInfo, { ...rules, required: [ID, FIRST_NAME, LAST_NAME] });
    if (granted[ROLE] !== ADMINISTRATOR) throw unauthorized('you are no data administrator');
    const userId = text(granted, ID);
    if (text(user, ID) !== userId) throw unauthorized('the two cookies are of different people');
    return actorOf({ userId, firstName: text(user, FIRST_NAME), lastName: text(user, LAST_NAME) });
  }
}

function actorOf(creator: Creator): Person {
  const displayName = `${creator.firstName} ${creator.lastName}`.trim();
  return {
    kind: 'system',
    id: 0,
    label: `microdata:${creator.userId}`,
    name: creator.userId,
    displayName,
    role: 'editor',
    providerId: 0,
    providerName: null,
    scope: { all: true, projects: [], providerId: 0, customers: [] },
    creator,
  };
}

/** A claim that is text of a size that people have; throws otherwise. */
function text(claims: JWTPayload, name: string): string {
  const value = claims[name];
  if (
    typeof value === 'string' &&
    value.length <= 200 &&
    !/[\u0000-\u001f\u007f]/.test(value) &&
    value.isWellFormed()
  )
    return value;
  throw unauthorized(`the claim ${name} is no text`);
}

function cookie({ cookie: header = '' }: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

function unauthorized(why: string): DaybookError {
  return new DaybookError('unauthenticated', `Unauthorized: ${why}.`);
}
