import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { badRequests } from './bad-requests.ts';
import { promises } from './promises.ts';
import { type Ask, families, pythonClient, pythonJson, tutorial, unused } from './python-client.ts';

/*
 * The contract of trackerapi, row by row, asked over HTTP of the built server: what its Python client sends, byte for byte, in
 * both of its vocabularies, and nothing else of Daybook but a provider's API key.
 */

test('the client writes JSON as Python does', () => {
  const value = { kind: 'step', event_metadata: { Größe: [1, true, null, '😀"'] } };
  expect(pythonJson(value)).toBe(
    '{"kind": "step", "event_metadata": {"Gr\\u00f6\\u00dfe": [1, true, null, "\\ud83d\\ude00\\""]}}',
  );
});

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  let server: RealServer;
  let ask: Ask;
  let admin: Ask;
  beforeAll(async () => {
    server = await RealServer.open(engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {});
    ask = pythonClient(server, await server.createKey('--role', 'provider'));
    admin = pythonClient(server, server.key);
  });
  afterAll(() => server.remove());

  describe.each(families)('$family', (words) => {
    test.each(promises)('$promise', ({ prove }) => prove(ask, words));
  });

  test('what nobody should send is refused with its detail, and changes nothing', async () => {
    const tag = unused('tag');
    await admin('POST', '/job_configurations', tutorial(tag));
    const providerId = unused('job');
    await admin('POST', '/jobs', { provider_job_id: providerId, customer_id: 1, tag });
    const event = { kind: 'Pending', name: 'say_hello', provider_job_id: providerId };
    const { id } = (await admin('POST', '/events', event)).body;
    const before = (await admin('GET', '/jobs')).text;
    const answered: unknown[] = [];
    for (const { method, path, body } of badRequests) {
      const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
      const sent = text?.replace(':job', providerId).replace('":event"', String(id));
      const answer = await admin(method, path, sent);
      answered.push({ method, path, body, status: answer.status, detail: answer.body?.detail });
    }
    expect(answered).toEqual(
      badRequests.map(({ method, path, body, status, detail }) => {
        return { method, path, body, status, detail: expect.stringMatching(detail) };
      }),
    );
    expect((await admin('GET', '/jobs')).text).toBe(before);
  });

  test('every job is in the diary and the native API, with its steps and who said what', async () => {
    const [tag, providerId] = [unused('tag'), unused('job')];
    await ask('POST', '/job_configurations', tutorial(tag));
    const { id } = (await ask('POST', '/jobs', { provider_job_id: providerId, customer_id: 142, tag })).body;
    await ask('POST', '/events', { kind: 'step', name: 'say_hello', provider_job_id: providerId });
    const { body } = await server.ask('GET', `/jobs/${id}`);
    expect(body).toMatchObject({
      externalId: providerId,
      source: 'tracker',
      execution: 'reported',
      name: `Job ${tag}`,
      customer: '142',
      configuration: { tag, version: '1.0.0' },
      status: 'running',
      progress: 28.57,
    });
  });

  test('another provider has its own ids, configurations and jobs', async () => {
    const other = pythonClient(server, await server.createKey('--role', 'provider'));
    const [tag, providerId] = [unused('tag'), unused('job')];
    const mine = await ask('POST', '/job_configurations', tutorial(tag));
    const job = { provider_job_id: providerId, customer_id: 142, tag };
    const { id } = (await ask('POST', '/jobs', job)).body;
    const event = { kind: 'step', name: 'say_hello', provider_job_id: providerId };
    const said = (await ask('POST', '/events', event)).body;
    expect((await other('GET', `/job_configurations/${mine.body.id}`)).status).toBe(404);
    expect((await other('GET', `/job_configurations?tag=${tag}`)).body).toEqual([]);
    expect((await other('GET', `/jobs/${id}`)).status).toBe(404);
    expect((await other('GET', `/jobs?provider_job_id=${providerId}`)).body).toEqual([]);
    expect((await other('POST', '/events', event)).status).toBe(404);
    expect((await other('POST', '/update_event', { kind: 'Error', id: said.id })).status).toBe(404);
    const theirs = await other('POST', '/jobs', job);
    expect(theirs).toMatchObject({
      status: 200,
      body: { provider_job_id: providerId, tag: null, steps: [] },
    });
    expect(theirs.body.provider_id).not.toBe(mine.body.provider_id);
    expect((await other('GET', '/jobs')).body).toHaveLength(1);
  });

  test('events of many scripts at once are all there', async () => {
    const tag = unused('tag');
    const step_configurations = Array.from({ length: 20 }, (_, i) => ({
      name: `Step ${i}`,
      tag: `step_${i}`,
      points: i + 1,
    }));
    await ask('POST', '/job_configurations', tutorial(tag, { step_configurations }));
    const ids = Array.from({ length: 10 }, () => unused('job'));
    await Promise.all(
      ids.map(async (id) => {
        await ask('POST', '/jobs', { provider_job_id: id, customer_id: 1, tag });
        await Promise.all(
          step_configurations.map(({ tag: name }) =>
            ask('POST', '/events', { kind: 'step', name, provider_job_id: id, event_metadata: { name } }),
          ),
        );
      }),
    );
    for (const id of ids) {
      const [job] = (await ask('GET', `/jobs?provider_job_id=${id}`)).body;
      expect(job).toMatchObject({ status: 'succeeded', progress: 100 });
      expect(job.events).toHaveLength(20);
      expect(new Set(job.events.map((event: { id: number }) => event.id)).size).toBe(20);
    }
  });
});
