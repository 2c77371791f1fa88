import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { answerErrors, sendErrors } from './problems.ts';
import { hostCheck, originCheck, pageHeaders, type Site, securityHook } from './security.ts';

const local: Site = { host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] };
const open: Site = {
  host: '0.0.0.0',
  publicUrl: 'https://daybook.example.com',
  allowedHosts: ['Diary.internal'],
  allowedOrigins: ['https://portal.example.com'],
};

describe('the host', () => {
  test.each([
    'localhost:8080',
    'LOCALHOST',
    'localhost.',
    'app.localhost:1',
    '127.0.0.1:8080',
    '127.8.8.8',
    '[::1]:8080',
    '[::1]',
  ])('%s is ours on the loopback', (host) => {
    expect(hostCheck(local)(host)).toBe(true);
  });

  test.each([
    undefined,
    '',
    'evil.example:8080',
    'localhost.evil.example',
    'evil-localhost',
    '0.0.0.0:8080',
    '10.0.0.1',
    '[2001:db8::1]',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'localhost:8080:1',
  ])('%s is not', (host) => {
    expect(hostCheck(local)(host)).toBe(false);
  });

  test.each([
    '10.0.0.1:8080',
    '[2001:db8::1]:8080',
    'diary.internal',
    'daybook.example.com:443',
    'localhost',
  ])('%s is ours where others reach us', (host) => {
    expect(hostCheck(open)(host)).toBe(true);
  });

  test('a name that is not listed is not ours, whatever came before', () => {
    const isOurs = hostCheck(open);
    expect(isOurs('diary.internal')).toBe(true);
    expect(isOurs('other.internal')).toBe(false);
    expect(isOurs('example.com')).toBe(false);
  });
});

describe('a write', () => {
  const cookie = 'daybook_session=dbs_x';
  const host = 'localhost:8080';
  test.each([
    ['without credentials and browser', {}, true],
    ['with a key from anywhere', { authorization: 'Bearer k', origin: 'https://evil.example' }, true],
    ['with x-api-key and a cookie', { 'x-api-key': 'k', cookie }, true],
    ['with a cookie alone', { cookie }, false],
    ['of our page', { cookie, origin: 'http://localhost:8080' }, true],
    ['of our page, without a cookie yet', { origin: 'http://localhost:8080' }, true],
    ['of another port', { cookie, origin: 'http://localhost:8081' }, false],
    ['of another site', { cookie, origin: 'https://evil.example' }, false],
    ['of another site, to sign somebody in', { origin: 'https://evil.example' }, false],
    ['of a sandbox', { cookie, origin: 'null' }, false],
    ['of nonsense', { cookie, origin: 'localhost:8080' }, false],
    ['with our fetch metadata', { cookie, 'sec-fetch-site': 'same-origin' }, true],
    ['typed by a person', { cookie, 'sec-fetch-site': 'none' }, true],
    ['with fetch metadata of a neighbour', { cookie, 'sec-fetch-site': 'same-site' }, false],
    ['of another site that leaves its origin out', { 'sec-fetch-site': 'cross-site' }, false],
    [
      'behind a foreign password',
      { authorization: 'Basic YTpi', cookie, origin: 'https://evil.example' },
      false,
    ],
  ])('%s', (_what, headers, allowed) => {
    expect(originCheck(local)('POST', { host, ...headers })).toBe(allowed);
    expect(originCheck(local)('DELETE', { host, ...headers })).toBe(allowed);
    expect(originCheck(local)('GET', { host, ...headers })).toBe(true);
  });

  test.each([
    ['https://daybook.example.com', '127.0.0.1:8080', true],
    ['http://daybook.example.com', 'daybook.example.com', false],
    ['https://portal.example.com', 'daybook.example.com', true],
    ['https://portal.example.com.evil.example', 'daybook.example.com', false],
    ['http://10.0.0.1:8080', '10.0.0.1:8080', true],
    ['http://10.0.0.1', '10.0.0.1:80', true],
    ['http://10.0.0.1', '10.0.0.1:81', false],
    ['http://Diary.Internal', 'diary.internal', true],
    ['http://10.0.0.1', '10.0.0.1/', false],
    ['http://evil.example', 'x@evil.example', false],
  ])('of %s to %s, with a public address', (origin, to, allowed) => {
    expect(originCheck(open)('POST', { host: to, cookie, origin })).toBe(allowed);
  });
});

describe('the hook', () => {
  const server = fastify();
  server.addHook('onRequest', securityHook(local));
  answerErrors(server, sendErrors([]));
  server.all('/thing', () => ({ ok: true }));
  server.get('/page', (_request, reply) => reply.headers(pageHeaders('bm9uY2U=')).type('text/html').send(''));
  server.get('/diary/assets/worker.js', () => '');
  const host = 'localhost:8080';

  test('refuses unknown hosts and other sites, in words that help', async () => {
    const rebound = await server.inject({ url: '/thing', headers: { host: 'evil.example' } });
    expect(rebound.statusCode).toBe(421);
    expect(rebound.json()).toMatchObject({
      code: 'host_unknown',
      detail: expect.stringContaining('--allowed-hosts'),
    });
    const forged = await server.inject({
      method: 'POST',
      url: '/thing',
      headers: { host, origin: 'https://evil.example', cookie: 'daybook_session=x' },
    });
    expect(forged.statusCode).toBe(403);
    expect(forged.json()).toMatchObject({ code: 'origin_refused' });
    expect(forged.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('gives every answer its headers, errors among them', async () => {
    for (const url of ['/thing', '/nothing']) {
      const { headers } = await server.inject({ url, headers: { host } });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
    }
  });

  test('pages get a policy with their nonce, workers may connect', async () => {
    const page = await server.inject({ url: '/page', headers: { host } });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self' 'nonce-bm9uY2U='");
    expect(policy).not.toContain('unsafe');
    expect(page.headers['cross-origin-opener-policy']).toBe('same-origin');
    const worker = await server.inject({ url: '/diary/assets/worker.js', headers: { host } });
    expect(worker.headers['content-security-policy']).toContain("connect-src 'self'");
  });
});
