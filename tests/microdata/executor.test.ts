import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Job } from '@daybook/core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { type Ask, newJob, oldClient, someTarget, until } from './old-client.ts';

const script = join(import.meta.dirname, '../../examples/microdata-executor/executor.ts');

/** The example is killed in the middle of its work, and recovers as an executor in the wild does. */
describe.each(['sqlite', 'postgres'] as const)('examples/microdata-executor: %s', (engine) => {
  let server: RealServer;
  let ask: Ask;
  let key: string;
  beforeAll(async () => {
    server = await RealServer.open(engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {});
    ask = oldClient(server, { 'x-api-key': server.key });
    key = await server.createKey('--role', 'provider', '--provider', 'microdata');
  });
  afterAll(() => server.remove());

  /** Starts it; `stageMs` long enough to be killed in, or short enough to come to an end. */
  const executor = (stageMs: number): ChildProcess & { said: string } => {
    const env = {
      PATH: process.env.PATH,
      JOB_SERVICE_URL: server.url,
      DAYBOOK_API_KEY: key,
      POLL_MS: '50',
      STAGE_MS: String(stageMs),
    };
    const child = Object.assign(spawn(process.execPath, [script, '--once'], { env }), { said: '' });
    for (const out of [child.stdout, child.stderr])
      out.setEncoding('utf8').on('data', (text) => (child.said += text));
    return child;
  };
  const statusOf = async (jobId: string) => (await ask('GET', `/jobs/${jobId}`)).body.status as string;
  const killedAt = async (jobId: string, stage: string) => {
    const child = executor(400);
    await until(async () => (await statusOf(jobId)) === stage);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(await statusOf(jobId)).toBe(stage); // it was killed in that stage, not after it
  };
  const runsToItsEnd = async () => {
    const child = executor(1);
    const [code] = await once(child, 'close'); // when all that it said has been read, too
    expect([code, child.said]).toEqual([0, expect.stringContaining('completed')]);
  };
  const nativeJob = async (jobId: string) => (await server.ask('GET', `/jobs/${jobId}`)).body as Job;
  const logOf = async (jobId: string) =>
    (await ask('GET', `/jobs/${jobId}`)).body.log.map(
      ({ message }: { message: string }) => message,
    ) as string[];

  test('killed while it transforms, it begins the job anew; what waits is done after it, once', async () => {
    const broken = await newJob(ask, someTarget());
    const waiting = await newJob(ask, someTarget(), { operation: 'SET_STATUS', releaseStatus: 'DRAFT' });
    await killedAt(broken, 'transforming');
    await runsToItsEnd();
    expect([await statusOf(broken), await statusOf(waiting)]).toEqual(['completed', 'completed']);
    const log = await logOf(broken);
    expect(log.filter((line) => line === 'Set status: initiated')).toHaveLength(2);
    expect(log).toContain('Retrying due to an unexpected interruption');
    expect(log.filter((line) => line === 'Set status: completed')).toHaveLength(1);
    expect(await nativeJob(broken)).toMatchObject({ status: 'succeeded', progress: 100, attempt: 2 });
    expect(await nativeJob(waiting)).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect((await logOf(waiting)).slice(1, 4)).toEqual([
      'Set status: initiated',
      'Set status: importing',
      'Set status: completed',
    ]);
  });

  test('killed while it imports, it imports again what is built', async () => {
    const jobId = await newJob(ask, someTarget());
    await killedAt(jobId, 'importing');
    const before = (await nativeJob(jobId)).progress;
    await runsToItsEnd();
    const log = await logOf(jobId);
    expect(log.filter((line) => line === 'Set status: importing')).toHaveLength(2);
    expect(log.filter((line) => line === 'Set status: transforming')).toHaveLength(1);
    expect(before).toBeGreaterThan(70);
    const job = await nativeJob(jobId);
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(job.steps.map(({ status }) => status)).toEqual(job.steps.map(() => 'succeeded'));
  });
});
