import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildHouse, type House } from './app.ts';
import { systemClock } from './clock.ts';
import { buildServer } from './http/server.ts';
import { settingsFrom } from './settings.ts';
import { migrate, openSqlite } from './storage/index.ts';

/** The committed copy of the API's description: clients are generated from it, so a change must be seen. */
const committed = new URL('../../../docs/openapi.json', import.meta.url);

const data = mkdtempSync(join(tmpdir(), 'daybook-app-'));
const settings = settingsFrom({ flags: { data }, env: {} });
const store = openSqlite({ file: join(data, 'daybook.sqlite') });
let house: House;
let server: FastifyInstance;

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
});

afterAll(async () => {
  await server.close();
  await store.close();
  rmSync(data, { recursive: true });
});

it('describes every route: a summary, a group, what it answers', () => {
  for (const { path, summary, group, answers } of house.routes)
    expect([path, summary.length > 5, group.length > 2, Object.keys(answers).length > 0]).toEqual([
      path,
      true,
      true,
      true,
    ]);
});

it('is described by the committed docs/openapi.json (renew it with DAYBOOK_RENEW=1)', async () => {
  const response = await server.inject({ url: '/api/v1/openapi.json', headers: { host: 'localhost' } });
  const text = `${JSON.stringify(response.json(), null, 2)}\n`;
  if (process.env['DAYBOOK_RENEW'] === '1') writeFileSync(committed, text);
  expect(text).toBe(readFileSync(committed, 'utf8'));
});
