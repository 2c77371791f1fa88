import type { FastifyInstance } from 'fastify';
import { testServer } from '../../http/testing/test-server.ts';
import type { Store } from '../../storage/index.ts';
import { accessRoutes } from '../access-routes.ts';
import { Authenticator } from '../authenticate.ts';
import { createKey, type NewKey } from '../keys.ts';
import { SignIn } from '../sign-in.ts';
import { TestClock } from './test-clock.ts';

export interface Ask {
  readonly key?: string;
  /** The session's token. */
  readonly session?: string;
  readonly ip?: string;
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of all shapes
  readonly body: any;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Token of the session whose cookie was set. */
  readonly session: string | undefined;
}

/** One process of Daybook with the routes of this room, over HTTP. */
export class FrontDesk {
  readonly clock: TestClock;
  readonly store: Store;
  readonly #server: FastifyInstance;
  readonly #authenticator: Authenticator;

  constructor(store: Store, clock = new TestClock(), publicUrl?: string) {
    this.store = store;
    this.clock = clock;
    const authenticator = new Authenticator(store, clock);
    this.#authenticator = authenticator;
    const server = { version: '1.2.3', engine: store.profile.name, demo: false, feedback: null };
    const signIn = new SignIn(store, clock);
    const routes = accessRoutes({ store, clock, authenticator, signIn, publicUrl, server });
    this.#server = testServer(routes, ({ headers }) => authenticator.authenticate(headers));
  }

  async ask(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    ask: Ask = {},
  ): Promise<Answered> {
    const { key, session, ip = '10.0.0.1', body } = ask;
    const answer = await this.#server.inject({
      method,
      url: `/api/v1${path}`,
      remoteAddress: ip,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(session !== undefined && {
          cookie: `other=1; daybook_session=${session}`,
          origin: 'http://localhost:80',
        }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const cookie = /^daybook_session=([^;]+)/.exec(String(answer.headers['set-cookie'] ?? ''));
    return {
      status: answer.statusCode,
      body: answer.payload === '' ? undefined : JSON.parse(answer.payload),
      headers: answer.headers,
      session: cookie?.[1],
    };
  }

  /** Resolves when what is written beside the requests is written. */
  async settle(): Promise<void> {
    await this.#authenticator.close();
  }

  async key(input: Partial<NewKey> = {}): Promise<string> {
    const { key } = await createKey(this.store, this.clock, 'test', {
      name: 'boss',
      role: 'admin',
      ...input,
    });
    return key;
  }

  /** Makes a user, signs them in by their link and answers the session's token. */
  async user(
    name: string,
    more: { role?: string; projects?: string[]; password?: string } = {},
  ): Promise<string> {
    const { password, role = 'viewer', projects } = more;
    const key = await this.key();
    const made = await this.ask('POST', '/users', { key, body: { name, role, projects } });
    const { session } = await this.ask('POST', '/session', {
      body: { token: tokenIn(made.body.signInLink) },
    });
    if (session === undefined) throw new Error(`${name} was not let in`);
    if (password !== undefined) await this.ask('PUT', '/session/password', { session, body: { password } });
    return session;
  }
}

export function tokenIn(link: string): string {
  return link.slice(link.indexOf('#token=') + '#token='.length);
}
