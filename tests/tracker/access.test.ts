import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { type Ask, type PythonAnswer, pythonClient, tutorial, unused } from './python-client.ts';

/** Who may ask what, and as whom (the contract's last rows), of the built server. */
describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  let server: RealServer;
  let admin: Ask;
  let provider: Ask;
  let stranger: Ask;
  let providerKey: string;
  beforeAll(async () => {
    server = await RealServer.open(engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {});
    providerKey = await server.createKey('--role', 'provider', '--provider', 'lab');
    admin = pythonClient(server, server.key);
    provider = pythonClient(server, providerKey);
    stranger = pythonClient(server, undefined);
  });
  afterAll(() => server.remove());

  const password = 'a long password';
  /** A user with a password; answers their number. */
  const newUser = async (role: string): Promise<{ id: number; name: string }> => {
    const name = unused(role);
    const made = (await server.ask('POST', '/users', { name, role })).body as {
      id: number;
      signInLink: string;
    };
    const token = made.signInLink.slice(made.signInLink.indexOf('dbl_'));
    const own = { authorization: '', origin: server.url };
    const session = await server.ask('POST', '/session', { token }, own);
    const cookie = session.headers.get('set-cookie')?.split(';')[0] as string;
    await server.ask('PUT', '/session/password', { password }, { ...own, cookie });
    return { id: made.id, name };
  };
  const login = (username: string, word: string): Promise<PythonAnswer> =>
    stranger(
      'POST',
      '/login',
      `grant_type=password&username=${encodeURIComponent(username)}&password=${encodeURIComponent(word)}`,
      { 'Content-Type': 'application/x-www-form-urlencoded' },
    );

  test('a missing or wrong key is 403 with its detail', async () => {
    const refused = { status: 403, body: { detail: expect.any(String) } };
    expect(await stranger('GET', '/api-keys/protected')).toMatchObject(refused);
    const wrong: Record<string, string>[] = [
      { 'x-api_key': 'x' },
      { 'x-api-key': `dbk_${'x'.repeat(49)}` },
      { 'x-api_key': '' },
    ];
    for (const headers of wrong)
      expect(await stranger('GET', '/api-keys/protected', undefined, headers)).toMatchObject(refused);
    expect(await stranger('POST', '/jobs', { provider_job_id: 'x', tag: 'x' })).toMatchObject(refused);
    expect(await stranger('GET', '/jobs')).toMatchObject(refused);
  });

  test.each(['x-api_key', 'X-API_KEY', 'x-api-key', 'x_api_key', 'Authorization'])(
    'a key is taken in %s',
    async (header) => {
      const value = header === 'Authorization' ? `Bearer ${providerKey}` : providerKey;
      expect(await stranger('GET', '/api-keys/protected', undefined, { [header]: value })).toMatchObject({
        status: 200,
      });
    },
  );

  test('keys are made by admins alone, shown whole once, and worth nothing once expired', async () => {
    const made = await admin('POST', '/api-keys', { note: 'for the cluster' });
    expect(made.body).toEqual({
      id: expect.any(Number),
      key: expect.stringMatching(/^dbk_[\w-]{49}$/),
      note: 'for the cluster',
      user_id: null,
      created_at: expect.any(String),
      expired: false,
    });
    const { id, key } = made.body;
    const listed = await admin('GET', '/api-keys');
    expect(listed.body.at(-1)).toEqual({ ...made.body, key: `${key.slice(0, 12)}…` });
    expect(listed.text).not.toContain(key);
    const script = pythonClient(server, key);
    expect((await script('POST', '/jobs', { provider_job_id: 'a', customer_id: 1, tag: 'x' })).status).toBe(
      200,
    );
    // A provider of its own: it sees nothing of others.
    expect((await script('GET', '/jobs')).body).toHaveLength(1);
    const expired = await admin('POST', `/api-keys/${id}/expire`);
    expect(expired).toMatchObject({ status: 200, body: { id, expired: true, note: 'for the cluster' } });
    expect((await script('GET', '/api-keys/protected')).status).toBe(403);
    expect((await admin('POST', `/api-keys/${id}/expire`)).status).toBe(200);
    expect((await admin('POST', '/api-keys', {})).body).toMatchObject({ note: null, expired: false });
  });

  test('keys are no business of others: 401', async () => {
    const viewer = pythonClient(server, await server.createKey('--role', 'viewer'));
    for (const ask of [stranger, provider, viewer, pythonClient(server, 'nonsense')])
      for (const answer of [
        await ask('GET', '/api-keys'),
        await ask('POST', '/api-keys', { note: 'mine' }),
        await ask('POST', '/api-keys/1/expire'),
      ])
        expect(answer).toMatchObject({ status: 401, body: { detail: expect.any(String) } });
    expect((await admin('GET', '/api-keys')).text).not.toContain('"mine"');
  });

  test('a login answers a token, and sets a session cookie; both are good for what the user may', async () => {
    const { id, name } = await newUser('admin');
    const answer = await login(name, password);
    expect(answer).toMatchObject({
      status: 200,
      body: { access_token: expect.any(String), token_type: 'bearer' },
    });
    const [cookie = ''] = answer.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/^daybook_session=[^;]+;.*HttpOnly/i);
    const bearer = { Authorization: `Bearer ${answer.body.access_token}` };
    const session = { Cookie: cookie.split(';')[0] as string };
    for (const headers of [bearer, session])
      expect((await stranger('GET', '/api-keys', undefined, headers)).status).toBe(200);
    const made = await stranger('POST', '/api-keys', { note: 'by token' }, bearer);
    expect(made.body).toMatchObject({ user_id: id, note: 'by token' });
    expect((await admin('GET', '/api-keys')).body.at(-1)).toMatchObject({ user_id: id });
    // With a cookie alone, a page of any other site could ask for this.
    expect((await stranger('POST', '/api-keys', { note: 'x' }, session)).status).toBe(403);
    const own = { ...session, Origin: server.url };
    expect((await stranger('POST', '/api-keys', { note: 'by cookie' }, own)).status).toBe(200);
  });

  test('a wrong login is 401, and slowed down', async () => {
    const { name } = await newUser('viewer');
    const answers: number[] = [];
    for (let i = 0; i < 30; i++) answers.push((await login(name, `wrong ${i}`)).status);
    expect(answers[0]).toBe(401);
    expect(answers.at(-1)).toBe(429);
    // The same count as at the other door.
    const native = await server.ask('POST', '/session', { name, password }, { origin: server.url });
    expect(native.status).toBe(429);
    expect((await login(unused('nobody'), password)).status).not.toBe(200);
  });

  test('forms are taken for a login alone', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(await admin('POST', '/jobs', 'provider_job_id=x&tag=x', form)).toMatchObject({ status: 415 });
    expect(await admin('POST', '/login', '<a/>', { 'Content-Type': 'text/xml' })).toMatchObject({
      status: 415,
    });
    const json = await login('', '');
    expect(json).toMatchObject({ status: 400, body: { detail: expect.stringContaining('username') } });
  });

  test('a customer sees the jobs that name them, how far they are, and no internals', async () => {
    const tag = unused('tag');
    await provider('POST', '/job_configurations', tutorial(tag));
    const [mine, other] = [unused('job'), unused('job')];
    await provider('POST', '/jobs', { provider_job_id: mine, customer_id: 142, tag });
    await provider('POST', '/jobs', { provider_job_id: other, customer_id: 143, tag });
    for (const id of [mine, other])
      await provider('POST', '/events', {
        kind: 'step',
        name: 'say_hello',
        provider_job_id: id,
        event_metadata: { secret: 'inside' },
      });
    const invited = await server.ask(
      'POST',
      '/invitations',
      { role: 'customer', customer: '142' },
      { authorization: `Bearer ${providerKey}` },
    );
    const { link } = invited.body as { link: string };
    const name = unused('customer');
    const accepted = await server.ask(
      'POST',
      '/invitations/accept',
      { token: link.slice(link.indexOf('dbi_')), name, displayName: 'A customer', password },
      { authorization: '', origin: server.url },
    );
    expect([accepted.status, accepted.text]).toEqual([
      expect.toSatisfy((status) => status < 300),
      accepted.text,
    ]);
    const token = (await login(name, password)).body.access_token;
    const bearer = { Authorization: `Bearer ${token}` };
    const { body, text } = await stranger('GET', '/jobs', undefined, bearer);
    expect(body).toMatchObject([{ provider_job_id: mine, customer_id: 142, progress: 28.57, events: [] }]);
    expect(body[0].steps).toHaveLength(3);
    expect(text).not.toMatch(/provider_id"|points/);
    expect(text).not.toContain('inside');
    expect((await stranger('GET', `/jobs?provider_job_id=${other}`, undefined, bearer)).body).toEqual([]);
    const event = { kind: 'step', name: 'say_bye', provider_job_id: mine };
    expect((await stranger('POST', '/events', event, bearer)).status).toBe(403);
  });
});
