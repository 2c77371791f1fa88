import { join } from 'node:path';
import type { Job } from '@daybook/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diary, ended } from './diary.ts';

let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

async function post<T>(path: string, body: object): Promise<T> {
  const headers = { authorization: `Bearer ${diary.key}`, 'content-type': 'application/json' };
  const response = await fetch(`${diary.url}/api/v1${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

/** A queue of the test's own, so that the worker of one never claims the jobs of another. */
async function openQueue() {
  queues += 1;
  const tag = `queue-${queues}`;
  await post('/configurations', {
    tag,
    name: 'Work',
    version: '1',
    steps: [{ tag: 'x', name: 'X', points: 1 }],
  });
  const offer = async (more: object = {}): Promise<number> => {
    const body = { name: 'job', configuration: tag, execution: 'claimed', ...more };
    return (await post<Job>('/jobs', body)).id;
  };
  /** `daybook work` with a shell script as its command, at the latest until the test is through. */
  const work = (script: string, ...flags: string[]) => {
    const child = diary.spawn({}, 'work', tag, ...flags, '--', 'sh', '-c', script);
    const exit = ended(child);
    return async () => {
      child.kill('SIGTERM');
      return await exit;
    };
  };
  return { tag, offer, work };
}
let queues = 0;

/** Waits until the job is as it should be; the test's own time limit ends it. */
async function until(id: number, fits: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await diary.get<Job>(`/jobs/${id}`);
    if (fits(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

describe('daybook work', () => {
  it('gives the command its job, and keeps the lease and the key out of the log', async () => {
    const { offer, tag, work } = await openQueue();
    const id = await offer({ target: 'A', operation: 'load', parameters: { n: 1 } });
    const script =
      'cat; echo "$DAYBOOK_JOB_ID $DAYBOOK_ATTEMPT $DAYBOOK_TARGET $DAYBOOK_OPERATION"; echo "50%"; echo "$DAYBOOK_LEASE_TOKEN $DAYBOOK_API_KEY" >&2';
    const stop = work(script, '--name', 'host-1');
    const job = await until(id, ({ status }) => status === 'succeeded');
    const [json = '', ...lines] = await diary.log(job);
    expect(JSON.parse(json ?? '')).toMatchObject({ id, target: 'A', parameters: { n: 1 } });
    expect(new Set(lines)).toEqual(new Set([`${id} 1 A load`, '50%', '*** ***']));
    const { code, stderr } = await stop();
    expect(code).toBe(0);
    expect(stderr).toContain(`daybook: host-1 waits for jobs of ${tag}\n`);
  });

  it('tries again what failed, and puts back what is to be done later', async () => {
    const { offer, work } = await openQueue();
    const failing = await offer({ maxAttempts: 2, parameters: { exit: 3 } });
    const later = await offer({ parameters: { exit: 75 } });
    const stop = work(`exit $(sed -E 's/.*"exit":([0-9]+).*/\\1/')`, '--concurrency', '2');
    const failed = await until(failing, ({ status, attempt }) => status === 'queued' && attempt === 1);
    expect(failed).toMatchObject({ error: 'exit code 3', metadata: { exitCode: 3 } });
    expect(Date.parse(failed.runAfter ?? '')).toBeGreaterThan(Date.now());
    const back = await until(later, ({ status, attempt }) => status === 'queued' && attempt === 1);
    expect(Date.parse(back.runAfter ?? '')).toBeGreaterThan(Date.now() + 10_000);
    const { code, stderr } = await stop();
    expect(code).toBe(0);
    expect(stderr).toMatch(/failed: exit code 3; to be tried again after /);
    expect(stderr).toMatch(/went back to the queue: exit code 75: to be tried later/);
  });

  it('ends the command of a job that is canceled, and all that it started', async () => {
    const { offer, work } = await openQueue();
    const id = await offer();
    const stop = work('sleep 1000 & echo $!; wait');
    const job = await until(id, ({ status }) => status === 'running');
    let [pid] = await diary.log(job);
    while (pid === undefined) [pid] = await diary.log(job);
    await post(`/jobs/${id}/cancel`, {});
    await gone(Number(pid));
    const { stderr } = await stop();
    expect(stderr).toContain(`daybook: job ${id}  job  canceled`);
    expect((await diary.get<Job>(`/jobs/${id}`)).status).toBe('canceled');
  });

  it('on SIGTERM waits for its grace, then ends the command and gives the job back', async () => {
    const { offer, work } = await openQueue();
    const id = await offer();
    const stop = work('sleep 1000', '--grace', '100ms');
    await until(id, ({ status }) => status === 'running');
    const { code, stderr } = await stop();
    expect(code).toBe(0);
    expect(stderr).toContain('went back to the queue: the worker is stopping');
    expect(await diary.get<Job>(`/jobs/${id}`)).toMatchObject({ status: 'queued', runAfter: null });
  });

  it('ends when its command cannot be started, and leaves the jobs as they were', async () => {
    const { offer, tag } = await openQueue();
    const id = await offer();
    const missing = join(diary.folder, 'missing');
    const { code, stderr } = await diary.daybook('work', tag, '--', missing);
    expect(code).toBe(66);
    expect(stderr).toContain(`daybook: ${missing}: command not found\n`);
    expect(await diary.get<Job>(`/jobs/${id}`)).toMatchObject({ status: 'queued' });
  });

  it.each([
    [['work'], 'without DAYBOOK_DATABASE_URL'],
    [['work', 'import'], 'name configurations and a command'],
    [['work', '--', 'true'], 'before --, name the configurations'],
    [['work', 'import', '--concurrency', '0', '--', 'true'], 'whole number from 1 to 500'],
  ])('says what is wrong with: daybook %j', async (words, message) => {
    const { code, stderr } = await diary.daybook(...words);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  it('ends when its key may not claim', async () => {
    const made = await diary.daybook(
      'key',
      'create',
      '--data',
      diary.data,
      '--name',
      'v',
      '--role',
      'viewer',
    );
    const env = { DAYBOOK_API_KEY: made.stdout.trim() };
    const { code } = await diary.daybookWith({ env }, 'work', 'work', '--', 'true');
    expect(code).toBe(77);
  });
});

/** Resolves when there is no such process any more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
