import { createHmac } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { authorization, JwksServer, userInfo } from './jwks-server.ts';
import { type Ask, newJob, type OldAnswer, oldClient, report, someTarget } from './old-client.ts';

/** Who may ask what, and as whom (the contract's "Access"), of the built server with a JWKS server on loopback. */

const job = () => ({ jobs: [{ operation: 'ADD', target: someTarget() }] });

describe('cookies of the platform', () => {
  let jwks: JwksServer;
  let server: RealServer;
  let ask: Ask;
  beforeAll(async () => {
    jwks = await JwksServer.open();
    server = await RealServer.open({ flags: ['--jwks-url', jwks.url] });
    ask = oldClient(server, {});
  });
  afterAll(async () => {
    await server.remove();
    await jwks.close();
  });

  const withCookies = (
    granted: string,
    user: string,
    more: Record<string, string> = {},
  ): Promise<OldAnswer> =>
    ask('POST', '/jobs', job(), {
      cookie: `theme=dark; authorization=${granted}; user-info=${user}`,
      origin: server.url,
      ...more,
    });
  const post = async (granted: JWTPayload, user: JWTPayload, alg?: 'RS256' | 'RS512') =>
    withCookies(await jwks.token(granted, alg), await jwks.token(user, alg));

  test.each(['RS256', 'RS512'] as const)(
    'let a data administrator create jobs in their name: %s',
    async (alg) => {
      const { status, body } = await post(authorization(), userInfo(), alg);
      expect([status, body]).toEqual([200, [{ job_id: expect.any(String), status: 'CREATED', msg: 'OK' }]]);
      const made = await ask('GET', `/jobs/${body[0].job_id}`, undefined, { 'x-api-key': server.key });
      expect(made.body.createdBy).toEqual({ userId: '123-123-123', firstName: 'Data', lastName: 'Admin' });
    },
  );

  const past = () => Math.floor(Date.now() / 1_000) - 120;
  const without = (claims: JWTPayload, name: string) =>
    Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name));
  test.each<[string, () => [JWTPayload, JWTPayload]]>([
    ['another audience', () => [authorization({ aud: 'datastore-qa' }), userInfo()]],
    ['another audience of the second', () => [authorization(), userInfo({ aud: 'elsewhere' })]],
    ...['aud', 'sub', 'accreditation/role', 'user/uuid'].map(
      (name): [string, () => [JWTPayload, JWTPayload]] => [
        `no ${name} in the first`,
        () => [without(authorization(), name), userInfo()],
      ],
    ),
    ...['user/uuid', 'user/firstName', 'user/lastName'].map(
      (name): [string, () => [JWTPayload, JWTPayload]] => [
        `no ${name} in the second`,
        () => [authorization(), without(userInfo(), name)],
      ],
    ),
    ['another role', () => [authorization({ 'accreditation/role': 'role/researcher' }), userInfo()]],
    ['two people', () => [authorization(), userInfo({ 'user/uuid': '456' })]],
    ['a name that is no text', () => [authorization(), userInfo({ 'user/firstName': ['Data'] })]],
    ['the first expired', () => [authorization({ exp: past() }), userInfo()]],
    ['the second expired', () => [authorization(), userInfo({ exp: past() })]],
    ['not valid yet', () => [authorization({ nbf: past() + 600 }), userInfo()]],
  ])('are refused with 401: %s', async (_why, claims) => {
    const [granted, user] = claims();
    expect(await post(granted, user)).toMatchObject({ status: 401, body: { message: expect.any(String) } });
  });

  test('may be a minute off, because clocks are', async () => {
    const soon = Math.floor(Date.now() / 1_000) + 30;
    expect((await post(authorization({ exp: soon - 60 }), userInfo({ nbf: soon }))).status).toBe(200);
  });

  test('are refused with 401 when they are missing, torn, forged, or of another algorithm', async () => {
    const [granted, user] = [await jwks.token(authorization()), await jwks.token(userInfo())];
    const [head, claims, signature] = granted.split('.') as [string, string, string];
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hs = `${part({ alg: 'HS256', kid: 'key-1' })}.${claims}`;
    const hmac = createHmac('sha256', JSON.stringify(jwks.publicKey)).update(hs).digest('base64url');
    const forged = part({ ...authorization(), 'user/uuid': '456' });
    for (const bad of [
      'x',
      'a.b.c',
      '..',
      head,
      `${head}.${claims}.`,
      `${head}.${forged}.${signature}`,
      `${part({ alg: 'none' })}.${claims}.`,
      `${hs}.${hmac}`,
      `${part({ alg: 'RS256', jwk: jwks.publicKey })}.${claims}.${signature}`,
      await jwks.token(authorization(), 'RS256', 'unknown-key'),
    ]) {
      expect([bad, (await withCookies(bad, user)).status]).toEqual([bad, 401]);
    }
    expect((await withCookies(granted, 'x')).status).toBe(401);
    for (const cookie of ['', `authorization=${granted}`, `user-info=${user}`, 'authorization=; user-info='])
      expect((await ask('POST', '/jobs', job(), { cookie })).status).toBe(401);
  });

  test('are asked for by creating jobs alone, and let nobody do anything else', async () => {
    const cookie = `authorization=${await jwks.token(authorization())}; user-info=${await jwks.token(userInfo())}`;
    const of = async (method: string, path: string, body?: unknown) =>
      (await ask(method, path, body, { cookie, origin: server.url })).status;
    expect(await of('GET', '/jobs')).toBe(401);
    expect(await of('GET', '/targets')).toBe(401);
    expect(await of('PUT', '/jobs/1', { status: 'failed' })).toBe(401);
    expect(await of('POST', '/maintenance-status', { msg: 'x', pause: 1 })).toBe(401);
    expect(await of('GET', '/maintenance-status')).toBe(200);
    expect(await of('GET', '/maintenance-history')).toBe(200);
  });

  test('count for nothing when another site sends them', async () => {
    const tokens = [await jwks.token(authorization()), await jwks.token(userInfo())] as const;
    for (const origin of ['https://evil.example', 'null'])
      expect(await withCookies(...tokens, { origin })).toMatchObject({
        status: 403,
        body: { message: expect.any(String) },
      });
    expect(
      (
        await ask('POST', '/jobs', job(), {
          cookie: `authorization=${tokens[0]}; user-info=${tokens[1]}`,
          'sec-fetch-site': 'cross-site',
        })
      ).status,
    ).toBe(403);
  });

  test('are not needed beside a key, which names another person', async () => {
    const jobId = await newJob(oldClient(server, { 'x-api-key': server.key }), someTarget());
    const { body } = await ask('GET', `/jobs/${jobId}`, undefined, { authorization: `Bearer ${server.key}` });
    expect(body.createdBy.userId).toMatch(/^key:test-/);
  });

  describe('whose keys change', () => {
    beforeEach(async () => {
      await post(authorization(), userInfo());
    });

    test('are checked with keys that were fetched once', async () => {
      const { asked } = jwks;
      for (let i = 0; i < 5; i++) expect((await post(authorization(), userInfo())).status).toBe(200);
      expect(jwks.asked).toBe(asked);
    });

    test('are good at once with the new key, and no longer with the old one', async () => {
      const old = [await jwks.token(authorization()), await jwks.token(userInfo())] as const;
      expect((await withCookies(...old)).status).toBe(200);
      await jwks.rotate();
      expect((await post(authorization(), userInfo())).status).toBe(200);
      expect((await withCookies(...old)).status).toBe(401);
    });

    test('go on while nobody answers for the keys; made-up keys do not make us ask without end', async () => {
      jwks.broken = true;
      try {
        expect((await post(authorization(), userInfo())).status).toBe(200);
      } finally {
        jwks.broken = false;
      }
      const { asked } = jwks;
      const user = await jwks.token(userInfo());
      // Whoever fails too often is told to wait instead of why.
      for (let i = 0; i < 30; i++)
        expect([401, 429]).toContain(
          (await withCookies(await jwks.token(authorization(), 'RS256', `made-up-${i}`), user)).status,
        );
      expect(jwks.asked - asked).toBeLessThanOrEqual(5);
    });
  });
});

describe('how cookies are set up', () => {
  test('on stack qa they are for datastore-qa', async () => {
    const jwks = await JwksServer.open();
    const server = await RealServer.open({ flags: ['--jwks-url', jwks.url, '--stack', 'qa'] });
    try {
      const post = async (aud: string) => {
        const cookie = `authorization=${await jwks.token(authorization({ aud }))}; user-info=${await jwks.token(userInfo({ aud }))}`;
        return (await oldClient(server, { cookie, origin: server.url })('POST', '/jobs', job())).status;
      };
      expect([await post('datastore-qa'), await post('datastore')]).toEqual([200, 401]);
    } finally {
      await server.remove();
      await jwks.close();
    }
  });

  test('nobody gets in while the keys cannot be fetched, and they are told so', async () => {
    const jwks = await JwksServer.open();
    jwks.broken = true;
    const server = await RealServer.open({ flags: ['--jwks-url', jwks.url] });
    try {
      const cookie = `authorization=${await jwks.token(authorization())}; user-info=${await jwks.token(userInfo())}`;
      const post = () => oldClient(server, { cookie, origin: server.url })('POST', '/jobs', job());
      expect(await post()).toMatchObject({ status: 503, body: { message: expect.stringMatching(/keys/) } });
      jwks.broken = false;
      expect((await post()).status).toBe(200);
    } finally {
      await server.remove();
      await jwks.close();
    }
  });
});

describe('trusted networks', () => {
  let server: RealServer;
  let bare: Ask;
  beforeAll(async () => {
    server = await RealServer.open({
      flags: ['--microdata-networks', '127.0.0.0/8', '--no-jwt-auth', '--trusted-proxies', '127.0.0.9'],
    });
    bare = oldClient(server, {});
  });
  afterAll(() => server.remove());

  test('need no credentials for all that an executor does, and are named in the log', async () => {
    const jobId = await newJob(bare, someTarget());
    await report(bare, jobId, 'initiated', 'validating', 'completed');
    expect((await bare('GET', `/jobs/${jobId}`)).body).toMatchObject({ status: 'completed' });
    expect((await bare('GET', '/targets')).status).toBe(200);
    for (const pause of [1, 0])
      expect((await bare('POST', '/maintenance-status', { msg: 'upgrade', pause })).status).toBe(200);
    expect(server.log).toContain('127.0.0.0/8');
  });

  test('open nothing but this dialect', async () => {
    expect((await bare('GET', '/api/v1/jobs')).status).toBe(401);
    expect((await bare('POST', '/api/v1/queue/claim', { worker: 'w' })).status).toBe(401);
  });

  test('do not make up for a key that is not good', async () => {
    expect((await bare('GET', '/jobs', undefined, { 'x-api-key': 'nonsense' })).status).toBe(401);
  });

  test('hold off browsers: pages of other sites, and other names of this one', async () => {
    const write = async (headers: Record<string, string>) =>
      (await bare('POST', '/jobs', job(), headers)).status;
    expect(await write({ origin: 'https://evil.example' })).toBe(403);
    expect(await write({ origin: 'null' })).toBe(403);
    expect(await write({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await write({ origin: server.url })).toBe(200);
    const rebound = await bare('GET', '/jobs', undefined, { origin: 'https://evil.example' });
    expect(rebound.status).toBe(200);
  });

  test('do not reach through a proxy that is not trusted', async () => {
    for (const headers of [
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1' },
      { via: '1.1 proxy' },
    ])
      expect([headers, (await bare('GET', '/jobs', undefined, headers as never)).status]).toEqual([
        headers,
        401,
      ]);
  });

  test('are trusted by nobody who did not ask for it', async () => {
    const usual = await RealServer.open();
    try {
      expect((await oldClient(usual, {})('GET', '/jobs')).status).toBe(401);
      expect((await oldClient(usual, {})('POST', '/jobs', job())).status).toBe(401);
      expect((await oldClient(usual, {})('GET', '/maintenance-status')).status).toBe(200);
    } finally {
      await usual.remove();
    }
  });
});

describe('behind a trusted proxy', () => {
  test('the right client counts, and creating jobs still takes cookies', async () => {
    const flags = ['--microdata-networks', '10.9.0.0/16', '--trusted-proxies', '127.0.0.1'];
    const server = await RealServer.open({ flags });
    try {
      const ask = oldClient(server, {});
      const from = async (address: string) =>
        (await ask('GET', '/jobs', undefined, { 'x-forwarded-for': address })).status;
      expect(await from('10.9.1.1')).toBe(200);
      expect(await from('203.0.113.5')).toBe(401);
      // What the client itself put there stands before what the proxy has seen.
      expect(await from('10.9.1.1, 203.0.113.5')).toBe(401);
      expect((await ask('GET', '/jobs')).status).toBe(401);
      expect((await ask('POST', '/jobs', job(), { 'x-forwarded-for': '10.9.1.1' })).status).toBe(401);
    } finally {
      await server.remove();
    }
  });
});

describe('keys by role', () => {
  test('a provider of microdata runs what people offered; a viewer looks', async () => {
    const server = await RealServer.open();
    try {
      const key = async (...words: string[]) =>
        oldClient(server, { 'x-api-key': await server.createKey(...words) });
      const executor = await key('--role', 'provider', '--provider', 'microdata');
      const stranger = await key('--role', 'provider', '--provider', 'else');
      const viewer = await key('--role', 'viewer');
      const admin = oldClient(server, { 'x-api-key': server.key });
      const jobId = await newJob(admin, someTarget());
      await report(executor, jobId, 'initiated', 'completed');
      expect((await viewer('GET', `/jobs/${jobId}`)).body.status).toBe('completed');
      expect((await viewer('PUT', `/jobs/${jobId}`, { log: 'x' })).status).toBe(403);
      expect((await stranger('GET', `/jobs/${jobId}`)).status).toBe(404);
      expect((await stranger('PUT', `/jobs/${jobId}`, { log: 'x' })).status).toBe(404);
      expect((await executor('POST', '/maintenance-status', { msg: 'x', pause: 1 })).status).toBe(403);
    } finally {
      await server.remove();
    }
  });
});
