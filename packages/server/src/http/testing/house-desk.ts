import type { Role } from '@daybook/core';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createKey, type KeyRole, takesProjects } from '../../access/keys.ts';
import { TestClock } from '../../access/testing/test-clock.ts';
import { buildHouse, type House } from '../../app.ts';
import type { Patience } from '../../ingest/ingest-room.ts';
import { settingsFrom } from '../../settings.ts';
import type { Store } from '../../storage/index.ts';
import { testServer } from './test-server.ts';

export interface DeskAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of all shapes
  readonly body: any;
}

/** One whole process of Daybook over HTTP, with a clock that stands; asked as an admin if nothing else is said. */
export class HouseDesk {
  readonly clock: TestClock;
  readonly house: House;
  readonly #server: FastifyInstance;
  readonly #keys = new Map<string, Promise<string>>();

  constructor(
    store: Store,
    options: {
      readonly clock?: TestClock;
      readonly flags?: Readonly<Record<string, string | readonly string[]>>;
      readonly patience?: Patience;
    } = {},
  ) {
    this.clock = options.clock ?? new TestClock();
    const settings = settingsFrom({ flags: options.flags ?? {}, env: {} });
    this.house = buildHouse(store, settings, this.clock, pino({ level: 'silent' }), options.patience);
    this.#server = testServer(this.house.routes, ({ headers }) =>
      this.house.authenticator.authenticate(headers),
    );
  }

  /** Answers over a real socket, too. Resolves to its address. */
  async listen(): Promise<string> {
    return await this.#server.listen({ host: '127.0.0.1', port: 0 });
  }

  /** `path` is that below `/api/v1`. `key` is one that {@link key} made. */
  async ask(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<DeskAnswer> {
    const answer = await this.#send(method, path, body, key);
    return {
      status: answer.statusCode,
      body: answer.payload === '' ? undefined : JSON.parse(answer.payload),
    };
  }

  /** The same for what is answered as text. */
  async text(method: 'GET', path: string, key?: string): Promise<string> {
    return (await this.#send(method, path, undefined, key)).payload;
  }

  async #send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    key?: string,
  ) {
    return await this.#server.inject({
      method,
      url: `/api/v1${path}`,
      headers: {
        host: 'localhost',
        authorization: `Bearer ${key ?? (await this.key('admin'))}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
  }

  /** What is answered as it is, for what is no JSON. */
  async bytes(path: string, headers: Record<string, string>, key: string) {
    const answer = await this.#server.inject({
      url: `/api/v1${path}`,
      headers: { host: 'localhost', authorization: `Bearer ${key}`, ...headers },
    });
    return { status: answer.statusCode, headers: answer.headers, payload: answer.rawPayload };
  }

  /** The key of a role; viewers and editors see these projects. */
  async key(role: Exclude<Role, 'customer'>, ...projects: string[]): Promise<string> {
    const name = [role, ...projects].join(' ');
    let key = this.#keys.get(name);
    if (key === undefined) {
      const seen = projects.length > 0 ? projects : ['*'];
      key = createKey(this.house.store, this.clock, 'test', {
        name,
        role: role as KeyRole,
        ...(takesProjects(role) && { projects: seen }),
      }).then((made) => made.key);
      this.#keys.set(name, key);
    }
    return await key;
  }

  async close(): Promise<void> {
    await this.#server.close();
    this.house.tail.close();
    await this.house.authenticator.close();
  }
}
