import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DaybookUnreachableError, TrackerApi, TrackerApiError, TrackerKeyError } from '@daybook/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Diary, ended } from '../cli/diary.ts';
import { unused } from './python-client.ts';

/* The clients of trackerapi that come with Daybook: the classes of the sdk, and both examples of the tutorial. */

const examples = join(import.meta.dirname, '../../examples');
const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;
let diary: Diary;
let key: string;
let baseUrl: string;
beforeAll(async () => {
  diary = await Diary.open();
  const words = ['key', 'create', '--name', 'tutorial', '--role', 'provider'];
  key = (await diary.daybook(...words)).stdout.trim();
  baseUrl = `${diary.url}/tracker`;
});
afterAll(() => diary.close());

describe('examples of the tutorial', () => {
  const scripts = [
    ['TypeScript', process.execPath, 'tracker-api/my-job.ts', true],
    ['Python', 'python3', 'tracker-api-python/my_job.py', hasPython],
  ] as const;

  test.for(scripts)('in %s track the job by its points', async ([, program, script, isThere], { skip }) => {
    skip(!isThere, 'no Python here');
    const name = unused('John');
    const env = { ...diary.env, DAYBOOK_API_KEY: key, PYTHONDONTWRITEBYTECODE: '1' };
    const run = await ended(spawn(program, [join(examples, script), name], { env }));
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(new RegExp(`^Hello ${name}!\nRandom Number \\d+\nBye ${name}!\n$`));
    const job = await diary.job('My Job');
    expect(job).toMatchObject({
      status: 'succeeded',
      progress: 100,
      customer: '142',
      source: 'tracker',
      configuration: { tag: 'my_job', version: '1.0.0' },
    });
    expect(job.steps.map(({ tag, points, status }) => [tag, points, status])).toEqual([
      ['say_hello', 10, 'succeeded'],
      ['random_number', 15, 'succeeded'],
      ['say_bye', 10, 'succeeded'],
    ]);
    expect(job.steps[0]?.metadata).toEqual({ Message: `Hello ${name}!` });
    expect(job.steps[1]?.metadata).toEqual({ 'Random Number': expect.any(Number) });
    expect(job.steps[1]?.startedAt).not.toBeNull();
  });

  test.for(scripts)(
    'in %s end with the reason for a bad key',
    async ([, program, script, isThere], { skip }) => {
      skip(!isThere, 'no Python here');
      const env = { ...diary.env, DAYBOOK_API_KEY: 'wrong', PYTHONDONTWRITEBYTECODE: '1' };
      const run = await ended(spawn(program, [join(examples, script), 'John'], { env }));
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toMatch(/403: .*not known/);
    },
  );
});

describe('TrackerApi', () => {
  const config = {
    name: 'Sdk job',
    tag: 'sdk_job',
    stepConfigurations: [
      { name: 'One', tag: 'one', points: 1, metadataConfigurations: [{ name: 'Size', units: 'GB' }] },
      { name: 'Two', tag: 'two', points: 3 },
    ],
  };

  test('registers a configuration, creates a job, sends events and updates them', async () => {
    const tracker = new TrackerApi({ apiKey: key, baseUrl });
    const registered = await tracker.registerJobConfig(config);
    expect(registered).toMatchObject({ ...config, version: '1.0.0', id: expect.any(Number) });
    expect(await tracker.registerJobConfig(config)).toEqual(registered);
    const providerJobId = unused('sdk');
    const job = await tracker.createJob({ providerJobId, customerId: 'C-1', tag: 'sdk_job' });
    expect(job).toMatchObject({ providerJobId, customerId: 'C-1', name: 'Sdk job', id: expect.any(Number) });
    const event = await job.sendEvent({ kind: 'Pending', name: 'two' });
    expect(event).toMatchObject({ kind: 'Pending', name: 'two', applied: true, metadata: {} });
    const updated = await event.update({ kind: 'Complete', metadata: { Size: 17 } });
    expect(updated).toMatchObject({ id: event.id, kind: 'Complete', metadata: { Size: 17 } });
    const stored = await diary.job('Sdk job');
    expect(stored).toMatchObject({ status: 'running', progress: 75, externalId: providerJobId });
    expect((await job.sendEvent({ kind: 'step', name: 'three' })).detail).toMatch(/no step three/);
    await job.sendEvent({ kind: 'step', name: 'one' });
    expect(await diary.job('Sdk job')).toMatchObject({ status: 'succeeded', progress: 100 });
  });

  test('says what was refused, with status and detail', async () => {
    const tracker = new TrackerApi({ apiKey: key, baseUrl: `${baseUrl}/` });
    const providerJobId = unused('sdk');
    const job = { providerJobId, customerId: 1, tag: 'x' };
    await tracker.createJob(job);
    await expect(tracker.createJob(job)).rejects.toThrow(TrackerApiError);
    await expect(tracker.createJob(job)).rejects.toMatchObject({
      status: 400,
      detail: expect.stringContaining(providerJobId),
    });
    const bad = { ...config, stepConfigurations: [{ name: 'A', tag: 'a', points: 0 }] };
    await expect(tracker.registerJobConfig(bad)).rejects.toMatchObject({
      status: 400,
      faults: [{ path: 'step_configurations[0].points', message: expect.any(String) }],
    });
  });

  test('verifies the key at construction, unless it is to skip that', async () => {
    const wrong = new TrackerApi({ apiKey: 'wrong', baseUrl });
    await expect(wrong.verified).rejects.toThrow(TrackerKeyError);
    await expect(wrong.createJob({ providerJobId: 'a', customerId: 1, tag: 'x' })).rejects.toMatchObject({
      status: 403,
    });
    await new TrackerApi({ apiKey: 'wrong', baseUrl, skipVerify: true }).verified;
    expect(() => new TrackerApi({ apiKey: 'two words', baseUrl })).toThrow('no API key');
    expect(() => new TrackerApi({ apiKey: key, baseUrl: 'localhost' })).toThrow('baseUrl');
  });

  test('tells who does not answer, and who is no Daybook', async () => {
    const other = createServer((_request, response) => response.end('<h1>It works</h1>'));
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const verified = () => new TrackerApi({ apiKey: key, baseUrl: address }).verified;
    await expect(verified()).rejects.toThrow(DaybookUnreachableError);
    await expect(verified()).rejects.toThrow('baseUrl ends in /tracker');
    await new Promise((done) => other.close(done));
    await expect(verified()).rejects.toThrow(`no connection to ${address}`);
  });
});
