import { type Role, roles } from '@daybook/core';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildHouse, type House } from '../app.ts';
import { testServer } from '../http/testing/test-server.ts';
import type { Route } from '../route.ts';
import { settingsFrom } from '../settings.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { createKey, type KeyRole, takesProjects } from './keys.ts';
import { newSecret } from './secrets.ts';
import { beginSession } from './sessions.ts';
import { TestClock } from './testing/test-clock.ts';
import { createUser } from './users.ts';

const everybody = 'viewer customer provider editor admin';
/** Customers see that a job goes on and how it ended, not what it does. */
const insiders = 'viewer provider editor admin';

/** Who may what (design.md §8). A new route needs a line here: somebody has to think about who may use it. */
const mayUse: Readonly<Record<string, string>> = {
  'GET /api/v1/session': everybody,
  'POST /api/v1/session': 'public',
  'DELETE /api/v1/session': everybody,
  'PUT /api/v1/session/password': everybody,
  'PATCH /api/v1/session': everybody,
  'GET /api/v1/users': 'admin',
  'POST /api/v1/users': 'admin',
  'PATCH /api/v1/users/:id': 'admin',
  'POST /api/v1/users/:id/sign-in-link': 'admin',
  'GET /api/v1/keys': 'provider admin',
  // Not by a provider's key: no key makes others (key-routes.ts).
  'POST /api/v1/keys': 'provider admin',
  'DELETE /api/v1/keys/:id': 'provider admin',
  'GET /api/v1/invitations': 'provider admin',
  'POST /api/v1/invitations': 'provider admin',
  'DELETE /api/v1/invitations/:id': 'provider admin',
  'POST /api/v1/invitations/read': 'public',
  'POST /api/v1/invitations/accept': 'public',
  'GET /api/v1/session/customers': everybody,
  'POST /api/v1/session/customers': everybody,
  'GET /api/v1/customers': 'provider admin',
  'DELETE /api/v1/customers': 'provider admin',
  'GET /api/v1/views': everybody,
  // A shared one takes an editor; keys keep none (views.ts).
  'POST /api/v1/views': everybody,
  'PATCH /api/v1/views/:id': everybody,
  'DELETE /api/v1/views/:id': everybody,
  'GET /api/v1/stats': insiders,
  'GET /api/v1/digest': insiders,
  'GET /api/v1/digest/subscription': insiders,
  // Keys get no mail (subscriptions.ts).
  'PUT /api/v1/digest/subscription': insiders,
  'DELETE /api/v1/digest/subscription': insiders,
  'POST /api/v1/shares': 'provider editor admin',
  'GET /api/v1/shares': 'provider editor admin',
  'DELETE /api/v1/shares/:id': 'provider editor admin',
  'POST /api/v1/shared-progress': 'public',
  'GET /api/v1/badges/:token': 'public',
  'GET /api/v1/sources': 'admin',
  'GET /api/v1/sources/kinds': 'admin',
  'POST /api/v1/sources': 'admin',
  'POST /api/v1/sources/test': 'admin',
  'GET /api/v1/sources/:id': 'admin',
  'PATCH /api/v1/sources/:id': 'admin',
  'DELETE /api/v1/sources/:id': 'admin',
  'POST /api/v1/sources/:id/test': 'admin',
  'POST /api/v1/sources/:id/poll': 'admin',
  'GET /api/v1/sources/:id/problems': 'admin',
  'POST /api/v1/tickets': 'provider admin',
  'GET /api/v1/jobs/:id/source': insiders,
  'PATCH /api/v1/jobs/:id/ticket': 'provider editor admin',
  'DELETE /api/v1/jobs/:id/ticket/edits/:edit': 'provider editor admin',
  'GET /api/v1/audit': 'admin',
  'POST /api/v1/jobs': 'provider editor admin',
  'GET /api/v1/jobs': everybody,
  'GET /api/v1/jobs/facets': everybody,
  'GET /api/v1/jobs/export': everybody,
  'GET /api/v1/jobs/:id': everybody,
  'PATCH /api/v1/jobs/:id': 'editor admin',
  'GET /api/v1/jobs/:id/steps': everybody,
  'GET /api/v1/jobs/:id/usual-durations': insiders,
  'POST /api/v1/jobs/:id/retry': 'provider editor admin',
  'POST /api/v1/jobs/:id/cancel': 'provider editor admin',
  'POST /api/v1/jobs/bulk': 'provider editor admin',
  'POST /api/v1/jobs/bulk-edit': 'editor admin',
  'POST /api/v1/jobs/bulk-edit/:id/undo': 'editor admin',
  'GET /api/v1/jobs/:id/history': insiders,
  'GET /api/v1/jobs/:id/files': insiders,
  'GET /api/v1/jobs/:id/files/content': insiders,
  'GET /api/v1/jobs/:id/lineage': insiders,
  'GET /api/v1/jobs/compare': insiders,
  'GET /api/v1/jobs/:id/images': insiders,
  'POST /api/v1/jobs/:id/images': 'editor admin',
  'GET /api/v1/jobs/:id/images/:image': insiders,
  'DELETE /api/v1/jobs/:id/images/:image': 'editor admin',
  'POST /api/v1/jobs/:id/heartbeat': 'provider admin',
  'POST /api/v1/jobs/:id/events': 'provider admin',
  'POST /api/v1/events': 'provider admin',
  'GET /api/v1/jobs/:id/events': insiders,
  'GET /api/v1/jobs/:id/log': insiders,
  'GET /api/v1/queue': insiders,
  'POST /api/v1/queue/claim': 'provider admin',
  'POST /api/v1/queue/heartbeat': 'provider admin',
  'POST /api/v1/queue/complete': 'provider admin',
  'POST /api/v1/queue/release': 'provider admin',
  'GET /api/v1/queue/limits': 'admin',
  'PUT /api/v1/queue/limits': 'admin',
  'PUT /api/v1/queue/limits/:scope/:name': 'admin',
  'DELETE /api/v1/queue/limits/:scope/:name': 'admin',
  'POST /api/v1/configurations': 'provider admin',
  'GET /api/v1/configurations': insiders,
  'GET /api/v1/configurations/:tag': insiders,
  'GET /api/v1/configurations/:tag/history': insiders,
  'POST /api/v1/configurations/:tag/measured-points': 'provider admin',
  'GET /api/v1/configurations/:tag/versions': insiders,
  'GET /api/v1/configurations/:tag/versions/:version': insiders,
  'GET /api/v1/targets': insiders,
  'GET /api/v1/targets/:name': insiders,
  'PATCH /api/v1/targets/:name': 'admin',
  'GET /api/v1/targets/:name/jobs': insiders,
  'GET /api/v1/maintenance': everybody,
  'POST /api/v1/maintenance': 'admin',
  'GET /api/v1/maintenance/history': insiders,
  'DELETE /api/v1/maintenance/:id': 'admin',
  'GET /api/v1/datasets': insiders,
  'GET /api/v1/datasets/:name': insiders,
  'DELETE /api/v1/datasets/:name': 'editor admin',
  'GET /api/v1/bundles': insiders,
  'GET /api/v1/bundles/:id': insiders,
  'GET /api/v1/bundles/:id/members': insiders,
  'GET /api/v1/bundles/:id/tar': insiders,
  'GET /api/v1/bundles/:id/manifest': insiders,
  'GET /api/v1/bundles/:id/receipt': insiders,
  'GET /api/v1/bundles/:id/file': insiders,
  'GET /api/v1/bundles/:id/export': insiders,
  'POST /api/v1/bundles/:id/verify': 'editor admin',
  'GET /api/v1/bundles/:id/verifications': insiders,
  'POST /api/v1/bundles/:id/incidents/:incident/close': 'editor admin',
  'GET /api/v1/receipt-key': insiders,
  'GET /api/v1/stream': everybody,
  'GET /health/alive': 'public',
  'GET /health/ready': 'public',
  'GET /metrics': 'public',
  'GET /api/v1/openapi.json': 'public',
  'OPTIONS /api/v1/uploads': 'public',
  'POST /api/v1/uploads': 'provider editor admin',
  'GET /api/v1/uploads/:id': 'provider editor admin',
  'PATCH /api/v1/uploads/:id': 'provider editor admin',
  'DELETE /api/v1/uploads/:id': 'provider editor admin',
  'PUT /api/v1/uploads/:id/state': 'admin',
  'GET /api/v1/ingest-schema': 'provider editor admin',
  // Pacifica Ingest; trusted proxies and networks need no credentials.
  'POST /ingest': 'provider editor admin',
  'POST /upload': 'provider editor admin',
  'POST /move': 'provider editor admin',
  'GET /get_state': 'provider editor admin',
  // The microdata job service. Creating jobs takes its platform's cookies besides, the rest a trusted network.
  'GET /jobs': insiders,
  'GET /jobs/:jobId': insiders,
  'POST /jobs': 'provider editor admin',
  'PUT /jobs': 'provider admin',
  'PUT /jobs/:jobId': 'provider admin',
  'GET /importable-datasets': insiders,
  'DELETE /importable-datasets/:name': 'editor admin',
  'GET /targets': insiders,
  'GET /targets/:name': insiders,
  'GET /targets/:name/jobs': insiders,
  'GET /maintenance-status': 'public',
  'POST /maintenance-status': 'admin',
  'GET /maintenance-history': 'public',
  // trackerapi. Whoever is no admin gets 401 where only admins are let in, and 403 without a key elsewhere.
  'GET /tracker/api-keys/protected': everybody,
  'POST /tracker/login': 'public',
  'POST /tracker/api-keys': 'admin',
  'GET /tracker/api-keys': 'admin',
  'POST /tracker/api-keys/:id/expire': 'admin',
  'POST /tracker/job_configurations': 'provider admin',
  'POST /tracker/jobs_configuration': 'provider admin',
  'GET /tracker/job_configurations': insiders,
  'GET /tracker/job_configurations/:id': insiders,
  'POST /tracker/jobs': 'provider admin',
  'GET /tracker/jobs': everybody,
  'GET /tracker/jobs/:id': everybody,
  'POST /tracker/studies': 'provider admin',
  'GET /tracker/studies': everybody,
  'GET /tracker/studies/:id': everybody,
  'POST /tracker/events': 'provider admin',
  'POST /tracker/update_event': 'provider admin',
};

/** Dialects answer in the form of their clients, which has no codes. */
const codeAt = (route: Route, code: string) => (route.dialect === undefined ? code : undefined);
/** What is answered to who is not known, and to who may not; of trackerapi as its contract says. */
const strangerIs = (route: Route) => (isTrackers(route) && !isForAdmins(route) ? 403 : 401);
const forbiddenIs = (route: Route) => (isTrackers(route) && isForAdmins(route) ? 401 : 403);
const isTrackers = (route: Route) => route.dialect?.name === 'tracker';
const isForAdmins = (route: Route) => mayUse[nameOf(route)] === 'admin';
const nameOf = (route: Route) => `${route.method} ${route.path}`;

forEachEngine((_engine, newDatabase) => {
  const clock = new TestClock();
  let house: House;
  let server: FastifyInstance;
  const credentials = {} as Record<Role, Record<string, string>>;

  beforeAll(async () => {
    const store = (await newDatabase()).open();
    house = buildHouse(store, settingsFrom({}), clock, pino({ level: 'silent' }));
    server = testServer(house.routes, ({ headers }) => house.authenticator.authenticate(headers));
    for (const role of roles) credentials[role] = await credentialOf(role);
  });
  afterAll(async () => {
    await server.close();
    house.tail.close();
    await house.authenticator.close();
  });

  const credentialOf = async (role: Role): Promise<Record<string, string>> => {
    if (role === 'customer') {
      const { user } = await createUser(house.store, clock, 'test', { name: role, role });
      const token = await house.store.write((transaction) => beginSession(transaction, user.id, clock.now()));
      return { cookie: `daybook_session=${token}`, origin: 'http://localhost' };
    }
    const projects = takesProjects(role) ? ['*'] : undefined;
    const { key } = await createKey(house.store, clock, 'test', {
      name: role,
      role: role as KeyRole,
      projects,
    });
    return { authorization: `Bearer ${key}` };
  };
  /** Asks for something that is not there, so that nothing is changed by who may. */
  const ask = async (route: Route, headers: Record<string, string>, payload?: string) => {
    const answer = await server.inject({
      method: route.method,
      url: route.path.replace(/:\w+/g, '999999'),
      headers: {
        host: 'localhost',
        ...headers,
        ...(payload !== undefined && { 'content-type': 'application/json' }),
      },
      ...(payload !== undefined && { payload }),
      remoteAddress: '10.0.0.1',
    });
    return { status: answer.statusCode, code: /"code":"(\w+)"/.exec(answer.payload)?.[1] };
  };
  const guarded = () => house.routes.filter((route) => route.access !== 'public');

  describe('every route', () => {
    test('is in the table of who may use it', () => {
      expect(house.routes.map(nameOf).sort()).toEqual(Object.keys(mayUse).sort());
      const open = house.routes.filter((route) => route.access === 'public').map(nameOf);
      expect(open.sort()).toEqual(
        Object.keys(mayUse)
          .filter((name) => mayUse[name] === 'public')
          .sort(),
      );
    });

    test('refuses whoever sends no credentials, before it reads the body', async () => {
      for (const route of guarded()) {
        const refused = { status: strangerIs(route), code: codeAt(route, 'unauthenticated') };
        expect([nameOf(route), await ask(route, {})]).toEqual([nameOf(route), refused]);
        if (route.method !== 'GET')
          expect([nameOf(route), await ask(route, {}, '{"broken')]).toEqual([nameOf(route), refused]);
      }
    });

    test('refuses credentials that are worth nothing', async () => {
      const headers: Record<string, string>[] = [
        { authorization: `Bearer ${newSecret('key')}` },
        { 'x-api-key': 'x' },
        { cookie: `daybook_session=${newSecret('session')}`, origin: 'http://localhost' },
      ];
      for (const route of guarded())
        for (const each of headers) {
          // Whoever tries many keys is told to wait.
          clock.pass(1_000);
          expect([nameOf(route), (await ask(route, each)).status]).toEqual([
            nameOf(route),
            strangerIs(route),
          ]);
        }
    });

    test.each(roles)('lets a %s do what the table says, and nothing else', async (role) => {
      for (const route of guarded()) {
        const may = mayUse[nameOf(route)]?.split(' ').includes(role);
        // A stream that was let in does not end.
        if (may && nameOf(route) === 'GET /api/v1/stream') continue;
        // Signing out is last: the credential is used up.
        if (may && nameOf(route) === 'DELETE /api/v1/session') continue;
        const { status, code } = await ask(route, credentials[role]);
        if (may) expect([nameOf(route), [401, 403].includes(status)]).toEqual([nameOf(route), false]);
        else
          expect([nameOf(route), status, code]).toEqual([
            nameOf(route),
            forbiddenIs(route),
            codeAt(route, 'forbidden'),
          ]);
      }
    });

    test('has a summary, a group and a described answer', () => {
      for (const route of house.routes) {
        expect(route.summary).not.toBe('');
        expect(route.group).not.toBe('');
        for (const answer of Object.values(route.answers)) expect(answer.description).not.toBe('');
      }
    });
  });
});
