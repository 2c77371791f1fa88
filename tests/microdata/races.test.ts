import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { type Ask, newJob, oldClient, someTarget } from './old-client.ts';

/** What must hold when many come at once: on PostgreSQL they come through two processes. */

const CLIENTS = 200;

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  let server: RealServer;
  let other: RealServer | undefined;
  let clients: Ask[];
  beforeAll(async () => {
    server = await RealServer.open(engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {});
    other = engine === 'postgres' ? await server.beside() : undefined;
    clients = [server, ...(other === undefined ? [] : [other])].map((each) =>
      oldClient(each, { 'x-api-key': server.key }),
    );
  });
  afterAll(async () => {
    await other?.remove();
    await server.remove();
  });
  const client = (i: number) => clients[i % clients.length] as Ask;
  const atOnce = <T>(count: number, one: (ask: Ask, i: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, i) => one(client(i), i)));

  test(`${CLIENTS} concurrent POSTs for one target give exactly one job`, async () => {
    const target = someTarget();
    const answers = await atOnce(CLIENTS, (ask) =>
      ask('POST', '/jobs', { jobs: [{ operation: 'ADD', target }] }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const items = answers.map(({ body }) => body[0]);
    const created = items.filter(({ status }) => status === 'CREATED');
    expect(created).toHaveLength(1);
    expect(items.filter(({ msg }) => /already in progress/.test(msg))).toHaveLength(CLIENTS - 1);
    const { body } = await client(0)('GET', `/targets/${target}/jobs`);
    expect(body.map((job: { jobId: string }) => job.jobId)).toEqual([created[0].job_id]);
  });

  test('of executors that take a job at the same moment one succeeds, again and again', async () => {
    for (let round = 0; round < 25; round++) {
      const jobId = await newJob(client(0), someTarget());
      for (let crash = 0; crash < 2; crash++) {
        const answers = await atOnce(8, (ask) => ask('PUT', `/jobs/${jobId}`, { status: 'initiated' }));
        const statuses = answers.map(({ status }) => status).sort();
        expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 400)]);
        expect((await client(1)('PUT', `/jobs/${jobId}`, { status: 'queued' })).status).toBe(200);
      }
    }
  });

  test('after a pause is acknowledged nobody takes a job, through any process', async () => {
    for (let round = 0; round < 10; round++) {
      const ids: string[] = [];
      for (let i = 0; i < 8; i++) ids.push(await newJob(client(i), someTarget()));
      let acknowledged = false;
      const late: boolean[] = [];
      const take = async (ask: Ask, jobId: string) => {
        const begunLate = acknowledged;
        const { status } = await ask('PUT', `/jobs/${jobId}`, { status: 'initiated' });
        if (begunLate) late.push(status === 200);
      };
      const early = ids.slice(0, 4).map((jobId, i) => take(client(i), jobId));
      await client(0)('POST', '/maintenance-status', { msg: 'upgrade', paused: true });
      acknowledged = true;
      await Promise.all([...early, ...ids.slice(4).map((jobId, i) => take(client(i), jobId))]);
      expect(late).toEqual([false, false, false, false]);
      await client(1)('POST', '/maintenance-status', { msg: 'done', paused: false });
    }
  });

  test('10,000 jobs with their logs are listed whole, and others are answered meanwhile', async () => {
    const before = (await client(0)('GET', '/jobs')).body.length as number;
    for (let from = 0; from < 10_000; from += 1_000) await make(server, from, 1_000);
    const begin = performance.now();
    let answered = 0;
    let listing = true;
    const others = (async () => {
      while (listing) {
        await client(0)('GET', '/maintenance-status');
        answered += 1;
      }
    })();
    const { body } = await client(0)('GET', '/jobs');
    const ms = performance.now() - begin;
    listing = false;
    await others;
    console.info(
      `${engine}: ${body.length} jobs in ${Math.round(ms)} ms, ${answered} others answered meanwhile`,
    );
    expect(body).toHaveLength(before + 10_000);
    expect(body.at(-1).log.map((line: { message: string }) => line.message)).toEqual([
      'Job generated and queued',
      'Set status: validating',
      'Set status: built',
      'Set status: completed',
      'done with IMPORTED_9999',
    ]);
    expect(answered).toBeGreaterThan(2);
    // An executor's poll finds little among much.
    const poll = performance.now();
    await client(0)('GET', '/jobs?status=queued&operation=ADD,CHANGE');
    console.info(`${engine}: a poll among them in ${Math.round(performance.now() - poll)} ms`);
  }, 240_000);
});

/** Jobs as they are after years, through the native API, which takes many at once. */
async function make(server: RealServer, from: number, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, i) => from + i);
  const jobs = numbers.map((n) => ({
    configuration: 'microdata',
    target: `IMPORTED_${n}`,
    operation: 'ADD',
    context: { createdBy: { userId: '123', firstName: 'Data', lastName: 'Admin' } },
  }));
  const made = (await server.ask('POST', '/jobs', { jobs })).body as { items: { id: number }[] };
  const events = made.items.flatMap(({ id }, i) => [
    { jobId: id, kind: 'step', step: 'validating', status: 'running' },
    { jobId: id, kind: 'step', step: 'built', status: 'running' },
    { jobId: id, kind: 'status', status: 'succeeded' },
    { jobId: id, kind: 'log', message: `done with IMPORTED_${from + i}` },
  ]);
  const { status, text } = await server.ask('POST', '/events', { events });
  if (status !== 201 && status !== 200) throw new Error(`${status}: ${text.slice(0, 500)}`);
}
