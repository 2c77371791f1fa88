import { expect, it } from 'vitest';
import { Seats } from './seats.ts';

it('gives one credential a thousand streams, all five thousand, and takes them back', () => {
  const seats = new Seats();
  const of = (id: number) => ({ kind: 'key', id }) as const;
  const back = Array.from({ length: 1_000 }, () => seats.take(of(1)));
  expect(() => seats.take(of(1))).toThrow('Too many streams');
  for (let id = 2; id <= 5; id++) for (let i = 0; i < 1_000; i++) seats.take(of(id));
  expect(() => seats.take(of(6))).toThrow('Too many streams');
  back[0]?.();
  back[0]?.();
  seats.take(of(6));
  expect(() => seats.take(of(6))).toThrow('Too many streams');
});
