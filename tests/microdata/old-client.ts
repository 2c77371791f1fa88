import { setTimeout as pause } from 'node:timers/promises';
import type { RealServer } from '../bed/real-server.ts';

/** What the server answered, as a client of the old service reads it. */
export interface OldAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a client of another program takes what comes
  readonly body: any;
  readonly text: string;
}

export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<OldAnswer>;

/** Asks as a client of the old service does: at the root, with an API key and nothing else of ours. */
export function oldClient(server: Pick<RealServer, 'url'>, headers: Record<string, string>): Ask {
  return async (method, path, body, more = {}) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers, ...more },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: jsonIn(text) };
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Makes one job; answers its id. */
export async function newJob(ask: Ask, target: string, more: Record<string, unknown> = {}): Promise<string> {
  const { body, text } = await ask('POST', '/jobs', { jobs: [{ operation: 'ADD', target, ...more }] });
  if (body?.[0]?.status !== 'CREATED') throw new Error(`no job was made: ${text}`);
  return body[0].job_id;
}

/** Reports statuses one after the other; every one must be taken. */
export async function report(ask: Ask, jobId: string, ...statuses: string[]): Promise<void> {
  for (const status of statuses) {
    const answer = await ask('PUT', `/jobs/${jobId}`, { status });
    if (answer.status !== 200) throw new Error(`${status} was answered ${answer.status}: ${answer.text}`);
  }
}

/** Asks until it is so, for as long as a test takes. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(20);
}

let count = 0;
/** A target that no other test has. */
export function someTarget(word = 'DATASET'): string {
  count += 1;
  return `${word}_${count}`;
}

export const manifesto = (...updates: [name: string, releaseStatus: string][]) => ({
  version: '1.1.0.0',
  description: 'The first update',
  releaseTime: 1_652_873_222,
  languageCode: 'no',
  updateType: 'MINOR',
  dataStructureUpdates: updates.map(([name, releaseStatus]) => ({
    name,
    description: 'changed',
    operation: 'CHANGE',
    releaseStatus,
  })),
});

export const bump = (...updates: [name: string, releaseStatus: string][]) => ({
  operation: 'BUMP',
  target: 'DATASTORE',
  description: 'Bump',
  bumpManifesto: manifesto(...updates),
  bumpFromVersion: '1.0.0',
  bumpToVersion: '1.1.0',
});
