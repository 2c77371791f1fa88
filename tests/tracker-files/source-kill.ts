import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobEvent } from '@daybook/core';
import { JobTracker } from '@daybook/sdk/tickets';
import { expect } from 'vitest';
import { RealServer } from '../bed/real-server.ts';

/**
 * `kill -9` of the server while it imports: again and again while a pipeline goes on. In the end each ticket is one job,
 * stands where its file does, and no fact of it was told twice.
 */
export async function killWhileImporting(
  rounds: number,
  tickets: number,
  postgresUrl?: string,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'daybook-import-'));
  const tracker = new JobTracker(directory);
  const server = await RealServer.open(postgresUrl === undefined ? {} : { postgresUrl });
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/api/v1${path}`, { ...init, headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  try {
    const ids: string[] = [];
    const settings = { directory, interval: 0.2 };
    await ask('/sources', {
      method: 'POST',
      body: JSON.stringify({ name: 'killed', kind: 'tracker-files', settings }),
    });
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < tickets; n++)
        ids.push((await tracker.initTrackerFile('create_asset')).job_ticket_id);
      for (const id of ids.slice(-2 * tickets)) await tracker.advance(id).catch(() => undefined);
      // Somewhere in a look: they come once a second, and take some of it.
      await new Promise((resolve) => setTimeout(resolve, (round * 137) % 900));
      await server.kill();
      await server.start();
    }
    for (const id of ids) await tracker.setJobStatus('success', id);
    const succeeded = () => ask<{ items: unknown[] }>('/jobs?source=killed&status=succeeded&limit=500');
    await expect.poll(async () => (await succeeded()).items.length, { timeout: 60_000 }).toBe(ids.length);
    const { items } = await ask<{ items: { id: number; externalId: string }[] }>(
      '/jobs?source=killed&limit=500',
    );
    expect(items.map(({ externalId }) => externalId).sort()).toEqual([...ids].sort());
    for (const { id } of items) {
      const events = await ask<{ items: JobEvent[] }>(`/jobs/${id}/events?limit=500`);
      // That a job waits again is told after each step that was done while it waited.
      const facts = events.items
        .map(({ kind, step, status }) => `${kind} ${step} ${status}`)
        .filter((fact) => fact !== 'status null queued');
      expect(facts).toEqual([...new Set(facts)]);
    }
  } finally {
    await server.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}
