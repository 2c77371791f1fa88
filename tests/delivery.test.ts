import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobEvent } from '@daybook/core';
import { Daybook, type JobHandle } from '@daybook/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diary } from './cli/diary.ts';

/** The promise of the sdk against the real server: exactly once, in order, whatever is killed. */

const FACTS = 3_000;
const KILL_AT = [500, 1_200, 2_000];

let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

function open(): Daybook {
  return new Daybook({
    url: diary.url,
    apiKey: diary.key,
    spoolDirectory: diary.spool,
    onProblem: () => {},
    pace: { firstRetry: 20, longestRetry: 200, linger: 5, lastFlush: 20_000 },
  });
}

async function events(job: JobHandle): Promise<JobEvent[]> {
  const all: JobEvent[] = [];
  for (let cursor = ''; ; ) {
    const page = await diary.get<{ items: JobEvent[]; nextCursor?: string }>(
      `/jobs/${job.id}/events?limit=500${cursor}`,
    );
    all.push(...page.items);
    if (page.nextCursor === undefined) return all;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

function numbers(all: readonly JobEvent[], kind: string): unknown[] {
  return all
    .filter((event) => event.kind === kind)
    .map((event) => event.metadata?.['n'] ?? Number(event.message));
}

describe('reports to a server', () => {
  it('that is killed again and again arrive exactly once and in order', async () => {
    const job = await open().createJob({ name: 'survives' });
    for (let n = 1; n <= FACTS; n++) {
      job.log(String(n));
      job.metadata({ n });
      if (KILL_AT.includes(n)) await diary.kill();
      if (KILL_AT.includes(n - 200)) await diary.start();
      if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await job.succeed()).toEqual({ delivered: true });
    const all = await events(job);
    const wanted = Array.from({ length: FACTS }, (_, n) => n + 1);
    expect(numbers(all, 'metadata')).toEqual(wanted);
    expect(numbers(all, 'log')).toEqual(wanted);
    expect(all.at(-1)).toMatchObject({ kind: 'status', status: 'succeeded' });
  });

  it('that were all delivered, and are all sent again, are stored once', async () => {
    const job = open().startJob({ name: 'twice' });
    for (let n = 1; n <= 50; n++) {
      job.log(String(n));
      job.metadata({ n });
    }
    const [name] = readdirSync(diary.spool).filter((each) => each.endsWith('.jsonl'));
    const journal = join(diary.spool, String(name));
    // As it was before anything was sent: no note of what the server took, not even the number of the job.
    const copy = readFileSync(journal).toString();
    await job.succeed();
    const before = await events(job);
    writeFileSync(journal, copy);
    expect(await diary.daybook('sync')).toMatchObject({ code: 0, stdout: expect.stringContaining('twice') });
    expect(await events(job)).toEqual(before);
    const { items } = await diary.get<{ items: { name: string }[] }>('/jobs?limit=500');
    expect(items.filter((each) => each.name === 'twice')).toHaveLength(1);
  });
});

describe('a long log', () => {
  it('is read whole as text, and page by page where a limit is given', async () => {
    const job = await open().createJob({ name: 'chatty' });
    const lines = Array.from({ length: 2_500 }, (_, n) => `line ${n}`);
    for (const line of lines) job.log(line);
    expect(await job.succeed()).toEqual({ delivered: true });
    const ask = (query: string) =>
      fetch(`${diary.url}/api/v1/jobs/${job.id}/log${query}`, {
        headers: { authorization: `Bearer ${diary.key}`, accept: 'text/plain' },
      });
    expect(await (await ask('')).text()).toBe(lines.map((line) => `${line}\n`).join(''));
    const first = await ask('?limit=2');
    expect(await first.text()).toBe('line 0\nline 1\n');
    const next = await ask(`?limit=1&cursor=${encodeURIComponent(first.headers.get('next-cursor') ?? '')}`);
    expect(await next.text()).toBe('line 2\n');
    const left = await ask(`?cursor=${encodeURIComponent(next.headers.get('next-cursor') ?? '')}`);
    expect((await left.text()).split('\n')[0]).toBe('line 3');
  });
});
