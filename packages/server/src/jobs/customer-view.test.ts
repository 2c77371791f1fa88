import type { Job } from '@daybook/core';
import { expect, it } from 'vitest';
import { daybook } from '../actor.ts';
import { jobFor, summaryFor } from './customer-view.ts';

const job = {
  id: 7,
  status: 'failed',
  progress: 40,
  error: 'license server at 10.0.0.7',
  info: 'secret sauce',
  summary: 'bad mesh',
  tags: ['internal'],
  logFile: '/var/log/7',
  metadata: { host: 'node7' },
  parameters: { token: 1 },
  context: { a: 1 },
  baseRuns: [{ id: 3, externalId: '12' }],
  steps: [{ tag: 'mesh', status: 'failed', metadata: { cells: 3 } }],
} as unknown as Job;
const { steps, parameters, context, metadata, baseRuns, ...summary } = job;
const customer = { ...daybook, role: 'customer' } as const;

it('shows customers how a job goes, and nothing of how it works', () => {
  const seen = jobFor(customer, job);
  expect(seen).toMatchObject({
    id: 7,
    status: 'failed',
    progress: 40,
    steps: [{ tag: 'mesh', status: 'failed' }],
  });
  expect(JSON.stringify([seen, summaryFor(customer, summary)])).not.toMatch(
    /license|sauce|bad mesh|internal|node7|token|cells|var/,
  );
});

it('shows everybody else all of it', () => {
  for (const role of ['viewer', 'provider', 'editor', 'admin'] as const) {
    expect(jobFor({ ...daybook, role }, job)).toBe(job);
    expect(summaryFor({ ...daybook, role }, job)).toBe(job);
  }
});
