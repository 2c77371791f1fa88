import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClaimedJob, HeartbeatAnswer } from '@daybook/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey } from '../access/keys.ts';
import { openStore } from '../app.ts';
import { systemClock } from '../clock.ts';
import { type RunningServer, startServer } from '../index.ts';
import { settingsFrom } from '../settings.ts';
import { migrate } from '../storage/index.ts';
import { message } from '../storage/testing/processes.ts';

const data = mkdtempSync(join(tmpdir(), 'daybook-held-up-'));
let server: RunningServer;
let worker: ChildProcess;
let key: string;

beforeAll(async () => {
  const flags = { data, port: '0', leaseSeconds: '1', logLevel: 'silent' };
  const settings = settingsFrom({ flags, env: {} });
  const store = openStore(settings);
  await migrate(store);
  ({ key } = await createKey(store, systemClock, 'test', { name: 'worker', role: 'provider' }));
  await store.close();
  server = await startServer(settings);
  worker = fork(fileURLToPath(new URL('./testing/patient-worker.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await message(worker);
});

afterAll(async () => {
  worker.kill();
  await server.close();
  rmSync(data, { recursive: true });
});

const post = async <T>(path: string, body: unknown): Promise<T> => {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as T;
};

test('after the process was held up, the heartbeats in its sockets come before the search for lost leases', async () => {
  await post('/jobs', { name: 'a long one', execution: 'claimed' });
  const { items } = await post<{ items: ClaimedJob[] }>('/queue/claim', { worker: 'w' });
  const [claimed] = items as [ClaimedJob];
  const lease = { jobId: claimed.job.id, leaseToken: claimed.leaseToken };
  worker.send({ url: server.url, key, lease, everyMs: 250 });
  const beat = async () => ((await message(worker)) as HeartbeatAnswer).items[0]?.held;
  expect(await beat()).toBe(true);
  for (let round = 0; round < 3; round++) {
    // Nothing of this process runs meanwhile, for longer than the lease: no timer, no socket.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    expect([await beat(), await beat()]).toEqual([true, true]);
  }
});
