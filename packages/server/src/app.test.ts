import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Permission, permissions, type Role, roles } from '@daybook/core';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from './access/keys.ts';
import { buildHouse, type House } from './app.ts';
import { systemClock } from './clock.ts';
import { buildServer } from './http/server.ts';
import type { Route } from './route.ts';
import { settingsFrom } from './settings.ts';
import { migrate, openSqlite } from './storage/index.ts';

/** The committed copy of the API's description: clients are generated from it, so a change must be seen. */
const committed = new URL('../../../docs/openapi.json', import.meta.url);

const data = mkdtempSync(join(tmpdir(), 'daybook-app-'));
const settings = settingsFrom({ flags: { data, timeZone: 'UTC' }, env: {} });
const store = openSqlite({ file: join(data, 'daybook.sqlite') });
let house: House;
let server: FastifyInstance;
const keys = new Map<Role, string>();

beforeAll(async () => {
  await migrate(store);
  const log = pino({ level: 'silent' });
  house = buildHouse(store, settings, systemClock, log);
  server = buildServer({
    routes: house.routes,
    authenticate: ({ headers }) => house.authenticator.authenticate(headers),
    site: settings,
    trustedProxies: [],
    log,
    requestId: () => 'test',
    onAnswer: () => undefined,
  });
  for (const role of roles.filter((each) => each !== 'customer')) {
    const projects = role === 'viewer' || role === 'editor' ? { projects: ['nothing'] } : {};
    keys.set(role, (await createKey(store, systemClock, 'test', { name: role, role, ...projects })).key);
  }
});

afterAll(async () => {
  await server.close();
  await store.close();
  rmSync(data, { recursive: true });
});

const ask = (route: Route, headers: Record<string, string>) =>
  server.inject({
    method: route.method,
    url: route.path.replace(/:id/g, '999').replace(/:\w+/g, 'nothing'),
    headers: { host: 'localhost', ...headers, ...(route.body && { 'content-type': 'application/json' }) },
    ...(route.body && { payload: '{"no": "such body"}' }),
  });

describe('every route', () => {
  /** Answers that anybody may have. Whoever adds one says here why. */
  const open = [
    'POST /api/v1/session', // signing in
    'GET /api/v1/openapi.json', // describes, shows nothing
    'GET /health/alive',
    'GET /health/ready',
    'GET /metrics', // asks by itself: an admin's key, or a peer on this machine
  ];

  it('is closed to strangers, or is on the list of those that are open', async () => {
    const found = house.routes
      .filter((route) => route.access === 'public')
      .map((r) => `${r.method} ${r.path}`);
    expect(found.sort()).toEqual([...open].sort());
    for (const route of house.routes.filter((each) => each.access !== 'public')) {
      const response = await ask(route, {});
      expect([route.path, response.statusCode, response.json().code]).toEqual([
        route.path,
        401,
        'unauthenticated',
      ]);
    }
  });

  it('lets in the roles of its permission and no others, before it looks at the body', async () => {
    for (const route of house.routes) {
      if (route.access === 'public' || route.path === '/api/v1/stream') continue;
      for (const [role, key] of keys) {
        const response = await ask(route, { authorization: `Bearer ${key}` });
        const allowed = (permissions[route.access as Permission] as readonly Role[]).includes(role);
        const refused = response.statusCode === 403 && response.json().code === 'forbidden';
        expect([route.method, route.path, role, !refused]).toEqual([route.method, route.path, role, allowed]);
      }
    }
  });

  it('describes itself: a summary, a group, what it answers', () => {
    for (const { path, summary, group, answers } of house.routes)
      expect([path, summary.length > 5, group.length > 2, Object.keys(answers).length > 0]).toEqual([
        path,
        true,
        true,
        true,
      ]);
  });
});

it('is described by the committed docs/openapi.json (renew it with DAYBOOK_RENEW=1)', async () => {
  const response = await server.inject({ url: '/api/v1/openapi.json', headers: { host: 'localhost' } });
  const text = `${JSON.stringify(response.json(), null, 2)}\n`;
  if (process.env['DAYBOOK_RENEW'] === '1') writeFileSync(committed, text);
  expect(text).toBe(readFileSync(committed, 'utf8'));
});
