import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventInputSchema, eventStatuses, reportKinds } from './event.ts';
import { eventAtSight, eventsAtSight } from './event-reader.ts';
import { limits } from './limits.ts';

const fit = fc.constantFrom('say_hello', 'zwei\nZeilen', 'k-1', 'x'.repeat(limits.tag));
const text = fc.oneof(
  { weight: 8, arbitrary: fit },
  fc.string(),
  fc.constantFrom('', ' ', 'a\u0007b', 'a\u0000b', '\ud800', '\u001b[31mred'),
  fc
    .constantFrom(limits.tag, limits.idempotencyKey, limits.message)
    .chain((most) => fc.constantFrom('x'.repeat(most), 'x'.repeat(most + 1))),
);
const times = ['2026-01-31T12:34:56.789Z', '2026-02-29T00:00:00Z', '2024-02-29T01:00:00+02:00', 'today'];
const mostly = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue() });
const fields = {
  step: mostly(text),
  status: mostly(fc.constantFrom(...eventStatuses)),
  percent: mostly(fc.oneof(fc.double({ min: -1, max: 101 }), fc.integer({ min: 0, max: 100 }))),
  message: mostly(text),
  stream: mostly(fc.constantFrom('stdout', 'stderr')),
  at: mostly(fc.constantFrom(...times)),
  key: mostly(text),
  leaseToken: mostly(text),
};
const kind = mostly(fc.constantFrom(...reportKinds));
const rare = { metadata: fc.dictionary(fc.string(), fc.jsonValue()), jobId: fc.nat() };
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind, ...fields }, { requiredKeys: ['kind'] }) },
  fc.record({ kind, ...fields, ...rare }, { requiredKeys: [] }),
);

test('what is read at sight is what the schema makes of it', () => {
  let read = 0;
  fc.assert(
    fc.property(mostly(event), (value) => {
      const found = eventAtSight(value);
      if (found === undefined) return;
      read += 1;
      expect(found).toEqual(eventInputSchema.parse(value));
    }),
    { numRuns: 5_000 },
  );
  expect(read).toBeGreaterThan(100);
});

test.each([
  { kind: 'log', message: 'a line', stream: 'stdout' },
  { kind: 'log', message: 'a line', step: 'a', at: '2026-01-31T12:34:56.789Z', key: 'k' },
  { kind: 'step', step: 'a', status: 'running' },
  { kind: 'step', step: 'a', percent: 50, message: 'working', leaseToken: 'x' },
  { kind: 'progress', percent: 100 },
  { kind: 'status', status: 'succeeded' },
])('is read at sight: %j', (value) => {
  const expected = eventInputSchema.parse(value);
  expect(eventAtSight(value)).toEqual(expected);
  expect(eventsAtSight({ events: [value, value] })).toEqual({ events: [expected, expected] });
});

test.each([
  null,
  [],
  { events: [] },
  { events: [{ kind: 'log' }] },
  { events: [{ kind: 'log', message: 'a' }], more: 1 },
  { events: Array(limits.eventsPerRequest + 1).fill({ kind: 'log', message: 'a' }) },
  { events: { kind: 'log', message: 'a' } },
])('is left to the schema (%#)', (value) => expect(eventsAtSight(value)).toBeUndefined());
