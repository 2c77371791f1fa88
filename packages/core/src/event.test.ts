import { describe, expect, test } from 'vitest';
import { faultPath } from './errors.ts';
import { eventInputSchema } from './event.ts';
import { limits } from './limits.ts';

const faults = (body: unknown) =>
  eventInputSchema.safeParse(body).error?.issues.map((issue) => faultPath(issue.path)) ?? [];

describe('an event', () => {
  test.each([
    [{ kind: 'log', message: 'a\u0007\n\u001b[31mred' }],
    [{ kind: 'log', message: '' }],
    [{ kind: 'step', step: 'a', status: 'skipped' }],
    [{ kind: 'step', step: 'a', percent: 0 }],
    [{ kind: 'step', step: 'a', metadata: { rows: 3 } }],
    [{ kind: 'status', status: 'succeeded', at: '2026-01-01T00:00:00Z', key: 'k' }],
    [{ kind: 'error', message: 'x' }],
    [{ kind: 'error', message: 'x', status: 'failed' }],
    [{ kind: 'progress', percent: 100 }],
    [{ kind: 'metadata', metadata: {} }],
    [{ kind: 'file', metadata: { path: 'a.txt' } }],
    [{ kind: 'link', message: 'https://example.org' }],
  ])('may be %j', (body) => expect(faults(body)).toEqual([]));

  test.each([
    [{ kind: 'created', status: 'queued' }, 'kind'],
    [{ kind: 'annotation', metadata: {} }, 'kind'],
    [{ kind: 'step', status: 'running' }, 'step'],
    [{ kind: 'step', step: 'a', message: 'x' }, 'status'],
    [{ kind: 'step', step: 'a', status: 'queued' }, 'status'],
    [{ kind: 'status', status: 'skipped' }, 'status'],
    [{ kind: 'status' }, 'status'],
    [{ kind: 'error', message: 'x', status: 'pending' }, 'status'],
    [{ kind: 'error' }, 'message'],
    [{ kind: 'progress' }, 'percent'],
    [{ kind: 'progress', percent: 101 }, 'percent'],
    [{ kind: 'progress', percent: -1 }, 'percent'],
    [{ kind: 'log' }, 'message'],
    [{ kind: 'log', message: 'x'.repeat(limits.message + 1) }, 'message'],
    [{ kind: 'metadata' }, 'metadata'],
    [{ kind: 'progress', percent: 1, key: '' }, 'key'],
    [{ kind: 'progress', percent: 1, at: 5 }, 'at'],
    [{ kind: 'progress', percent: 1, jobId: 5 }, ''],
  ])('may not be %j', (body, path) => expect(faults(body)).toEqual([path]));
});
