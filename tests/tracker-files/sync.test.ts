import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { type Held, playScenario } from './sync-scenario.ts';

/** `daybook sync DIR` from a machine that the server does not see: exactly once, whatever is lost on the way. */

let server: RealServer;
let control: { held: Held; requests: number };

beforeAll(async () => {
  server = await RealServer.open();
  control = await playScenario(server, 'control');
}, 120_000);
afterAll(() => server.remove());

test('tells every change, and brings edits into the files', () => {
  expect(control.held).toEqual({
    'ticket 0': [
      'created queued',
      'step generate_mock_manifest running',
      'step generate_mock_manifest succeeded',
      'step retrieve_image_from_origin running',
      'step retrieve_image_from_origin succeeded',
      'status succeeded',
    ],
    'ticket 1': [
      'created queued',
      'step generate_mock_manifest failed',
      'error no such image',
      'status failed',
      'learned context.errors_encountered',
      'status queued',
    ],
    'ticket 2': ['created queued', 'learned context.size', 'learned context.note context.size'],
  });
});

// That a request is lost before the server hears of it is proved by sync.prove.ts: then nothing has happened at all.
test('whichever answer is lost after the server has committed, it tells all of it exactly once', async () => {
  expect(control.requests).toBeGreaterThan(10);
  for (let request = 1; request <= control.requests; request++) {
    const { held } = await playScenario(server, `cut-${request}`, { request, lost: 'answer' });
    expect({ request, held }).toEqual({ request, held: control.held });
  }
}, 240_000);

test('on PostgreSQL, too', async () => {
  const other = await RealServer.open({ postgresUrl: inject('postgresUrl') });
  try {
    expect((await playScenario(other, 'control')).held).toEqual(control.held);
    const { held } = await playScenario(other, 'cut', {
      request: Math.ceil(control.requests / 2),
      lost: 'answer',
    });
    expect(held).toEqual(control.held);
  } finally {
    await other.remove();
  }
}, 120_000);
