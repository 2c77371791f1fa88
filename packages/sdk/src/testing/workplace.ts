import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Daybook } from '../daybook.ts';
import type { Pace } from '../http/retry.ts';
import type { ReportingProblem } from '../reporting/problem.ts';
import type { DaybookOptions } from '../settings.ts';
import { FaultServer } from './fault-server.ts';

/** Everything in milliseconds rather than seconds, so that a test sees many retries. */
export const quickPace: Pace = {
  linger: 2,
  firstRetry: 2,
  longestRetry: 10,
  requestTimeout: 5_000,
  firstContact: 150,
  lastFlush: 5_000,
  heartbeat: 60_000,
};

/** A directory of the test's own, removed after it. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'daybook-sdk-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface Workplace {
  readonly server: FaultServer;
  readonly spool: string;
  readonly problems: ReportingProblem[];
  readonly daybook: (options?: DaybookOptions) => Daybook;
}

/** A server, a spool and as many `Daybook`s as a test wants. */
export async function openWorkplace(): Promise<Workplace> {
  const server = await FaultServer.start();
  onTestFinished(() => server.stop());
  const spool = temporaryDirectory();
  const problems: ReportingProblem[] = [];
  const daybook = (options: DaybookOptions = {}) =>
    new Daybook({
      url: server.url,
      apiKey: 'test-key',
      spoolDirectory: spool,
      onProblem: (problem) => problems.push(problem),
      ...options,
      pace: { ...quickPace, ...options.pace },
    });
  return { server, spool, problems, daybook };
}

/** All that an iteration gives, in order. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
