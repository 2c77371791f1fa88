import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobEvent } from '@daybook/core';
import { Daybook } from '@daybook/sdk';
import { JobTracker } from '@daybook/sdk/tickets';
import type { RealServer } from '../bed/real-server.ts';

/** Where the power fails: at which request, before the server hears of it or after it has committed. */
export interface Fault {
  readonly request: number;
  readonly lost: 'request' | 'answer';
}

/** What the server holds in the end: of each ticket the facts, in order. */
export type Held = Record<string, string[]>;

/**
 * A pipeline without network whose directory is synced now and then: tickets come, go on and end, one is edited on the
 * server. With a fault the sync in which it happens ends there, as if it had been killed, and is run again.
 */
export async function playScenario(
  server: RealServer,
  source: string,
  fault?: Fault,
): Promise<{ held: Held; requests: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'daybook-sync-'));
  const tracker = new JobTracker(directory);
  let requests = 0;
  let isDead = false;
  const network: typeof fetch = async (url, init) => {
    if (isDead) throw new TypeError('the machine is off');
    requests += 1;
    if (fault?.request !== requests) return await fetch(url, init);
    isDead = true;
    if (fault.lost === 'answer') await (await fetch(url, init)).text();
    throw new TypeError('the power failed');
  };
  const pace = { firstRetry: 1, longestRetry: 2 };
  const daybook = new Daybook({ url: server.url, apiKey: server.key, fetch: network, pace });
  const sync = async () => {
    for (let tries = 0; tries < 2; tries++) {
      try {
        for await (const _ of daybook.syncTickets({ directory, source }));
        return;
      } catch (error) {
        if (!isDead) throw error;
        isDead = false;
      }
    }
    throw new Error('the sync did not come to its end');
  };
  try {
    const ids: string[] = [];
    for (const space of ['photos', 'maps', 'books']) {
      const { job_ticket_id } = await tracker.initTrackerFile('create_asset', { space });
      ids.push(job_ticket_id);
    }
    const [first = '', second = '', third = ''] = ids;
    await sync();
    await tracker.setJobStatus('running', first);
    await tracker.appendError(second, 'no such image');
    await tracker.updateContextData(third, 'size', 12);
    await sync();
    const jobs = await idsOf(server, source);
    await patch(server, `/jobs/${jobs.get(second)}/ticket`, { status: 'queued' });
    await patch(server, `/jobs/${jobs.get(third)}/ticket`, { context: { size: 13, note: 'from the diary' } });
    await tracker.advance(first);
    await sync();
    await tracker.setJobStatus('success', first);
    await sync();
    expectWritten(directory, second, third);
    return { held: await heldBy(server, source, ids), requests };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function expectWritten(directory: string, second: string, third: string): void {
  const read = (id: string) => JSON.parse(readFileSync(join(directory, `${id}.json`), 'utf8'));
  const found = [read(second).job_management.job_status, read(third).context.size, read(third).context.note];
  if (JSON.stringify(found) !== JSON.stringify(['queued', 13, 'from the diary']))
    throw new Error(`the edits are not in the files: ${JSON.stringify(found)}`);
}

async function patch(server: RealServer, path: string, body: object): Promise<void> {
  const answer = await ask(server, path, 'PATCH', body);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

async function idsOf(server: RealServer, source: string): Promise<Map<string, number>> {
  const { items } = (await (await ask(server, `/jobs?source=${source}&limit=500`)).json()) as {
    items: { id: number; externalId: string }[];
  };
  const ids = new Map(items.map(({ id, externalId }) => [externalId, id]));
  if (ids.size !== items.length) throw new Error('a ticket has two jobs');
  return ids;
}

/** By place in the scenario: ids are new each time. */
async function heldBy(server: RealServer, source: string, tickets: readonly string[]): Promise<Held> {
  const ids = await idsOf(server, source);
  const held: Held = {};
  for (const [n, ticket] of tickets.entries()) {
    const answer = await ask(server, `/jobs/${ids.get(ticket)}/events?limit=500`);
    const { items } = (await answer.json()) as { items: JobEvent[] };
    held[`ticket ${n}`] = items.map(factText);
  }
  return held;
}

function factText({ kind, step, status, message, metadata }: JobEvent): string {
  const rest = kind === 'learned' ? Object.keys(metadata ?? {}).sort() : [];
  return [kind, step, status, message, ...rest].filter(Boolean).join(' ');
}

export function ask(server: RealServer, path: string, method = 'GET', body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  return fetch(`${server.url}/api/v1${path}`, init);
}
