import { DaybookError } from '@daybook/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, daybook, nobodyActor } from '../actor.ts';
import { testServer } from '../http/testing/test-server.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { activeJobs } from './active-jobs.ts';
import { Metrics } from './metrics.ts';
import { observeRoutes } from './observe-routes.ts';

forEachEngine((engine, newDatabase) => {
  let store: Store;
  let draining = false;
  let metrics: Metrics;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    metrics = new Metrics({
      version: '1.2.3',
      engine,
      activeJobs: () => activeJobs(store),
      streamClients: () => 7,
    });
  });

  const who: Record<string, Actor> = { admin: daybook, editor: { ...daybook, role: 'editor' } };
  const authenticate = ({ authorization }: { authorization?: string | undefined }): Actor => {
    const actor = who[authorization ?? ''];
    if (actor === undefined) throw new DaybookError('unauthenticated');
    return actor;
  };
  const get = async (url: string, from: { ip?: string; headers?: Record<string, string> } = {}) => {
    const routes = observeRoutes({ store, metrics, draining: () => draining, authenticate });
    const server = testServer(routes, () => nobodyActor);
    return await server.inject({ url, remoteAddress: from.ip ?? '10.0.0.1', headers: from.headers ?? {} });
  };

  describe('health', () => {
    test('alive and ready need no credentials', async () => {
      expect((await get('/health/alive')).json()).toEqual({ status: 'ok' });
      const ready = await get('/health/ready');
      expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ok' }]);
    });

    test('is not ready while it stops, but alive', async () => {
      draining = true;
      const ready = await get('/health/ready');
      draining = false;
      expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'unavailable', reason: 'stopping' }]);
    });

    test('is not ready without its database, but alive and measured', async () => {
      const gone = (await newDatabase()).open();
      await gone.close();
      const blind = new Metrics({
        version: '1',
        engine,
        activeJobs: () => activeJobs(gone),
        streamClients: () => 0,
      });
      const routes = observeRoutes({ store: gone, metrics: blind, draining: () => false, authenticate });
      const server = testServer(routes, () => nobodyActor);
      const ready = await server.inject('/health/ready');
      expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'unavailable', reason: 'database' }]);
      expect((await server.inject('/health/alive')).statusCode).toBe(200);
      expect((await server.inject('/metrics')).payload).toContain('daybook_build_info');
    });
  });

  describe('metrics', () => {
    test('are for admins, and for this machine itself', async () => {
      const status = async (from: Parameters<typeof get>[1]) => (await get('/metrics', from)).statusCode;
      expect(await status({})).toBe(401);
      expect(await status({ headers: { authorization: 'editor' } })).toBe(403);
      expect(await status({ headers: { authorization: 'admin' } })).toBe(200);
      expect(await status({ ip: '127.0.0.1' })).toBe(200);
      expect(await status({ ip: '::ffff:127.0.0.1' })).toBe(200);
      expect(await status({ ip: '127.0.0.1', headers: { 'x-forwarded-for': '10.0.0.1' } })).toBe(401);
    });

    test('say what happened', async () => {
      metrics.answered('POST', '/api/v1/jobs/:id/events', 201, 3);
      metrics.answered('POST', '/api/v1/jobs/:id/events', 200, 4);
      metrics.answered('GET', '/api/v1/jobs', 503, 40);
      metrics.committed(12, 8);
      metrics.readerDropped();
      await insertJobs(store, { queued: 2, running: 1, succeeded: 3 });
      const { payload, headers } = await get('/metrics', { ip: '127.0.0.1' });
      expect(headers['content-type']).toContain('text/plain');
      for (const line of [
        'daybook_http_request_duration_seconds_count{method="POST",route="/api/v1/jobs/:id/events",status="2xx"} 2',
        'daybook_http_request_duration_seconds_count{method="GET",route="/api/v1/jobs",status="5xx"} 1',
        'daybook_events_appended_total 12',
        'daybook_commit_events_sum 12',
        'daybook_commit_duration_seconds_count 1',
        'daybook_stream_readers_dropped_total 1',
        'daybook_stream_clients 7',
        'daybook_jobs{status="queued"} 2',
        'daybook_jobs{status="running"} 1',
        `daybook_build_info{version="1.2.3",engine="${engine}",node="${process.versions.node}"} 1`,
      ])
        expect(payload.split('\n')).toContain(line);
      expect(payload).not.toContain('succeeded');
      expect(payload).toContain('nodejs_eventloop_lag_p99_seconds');
      expect(payload).toContain('process_resident_memory_bytes');
    });
  });
});

async function insertJobs(store: Store, counts: Record<string, number>): Promise<void> {
  const rows = Object.entries(counts).flatMap(([status, count]) =>
    Array.from({ length: count }, () => ({ status })),
  );
  await store.write(async ({ db }) => {
    await db
      .insertInto('jobs')
      .values(
        rows.map((row) => ({
          ...row,
          external_id: null,
          source: 'test',
          external_at: 0,
          provider_id: 0,
          execution: 'reported',
          kind: 'script',
          name: 'x',
          open_steps: 1,
          progress: 0,
          stalled: 0,
          attempt: 1,
          max_attempts: 1,
          priority: 0,
          analysis_status: 'open',
          version: 1,
          submitted_at: 0,
          created_at: 0,
          updated_at: 0,
          seen_at: 0,
        })) as never,
      )
      .execute();
  });
}
