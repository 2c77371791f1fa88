import { DaybookError } from '@daybook/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { type Actor, daybook } from '../actor.ts';
import { limitRates, RateLimiter, rateLimited, refusalHeaders } from './rate-limit.ts';

describe('a limiter', () => {
  test('lets a burst through, then says when to go on', () => {
    const clock = new TestClock();
    const limiter = new RateLimiter<string>(clock, { perSecond: 10, burst: 3 });
    expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([0, 0, 0]);
    expect(limiter.take('a')).toBeCloseTo(0.1);
    expect(limiter.take('b')).toBe(0);
    clock.pass(99);
    expect(limiter.take('a')).toBeGreaterThan(0);
    clock.pass(1);
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBeGreaterThan(0);
  });

  test('0 is no limit', () => {
    const limiter = new RateLimiter<string>(new TestClock(), { perSecond: 0 });
    for (let i = 0; i < 1_000; i++) expect(limiter.take('a')).toBe(0);
  });

  test('never lets more through than burst and rate, and always as much', () => {
    const steps = fc.array(fc.record({ ms: fc.nat(200), tries: fc.nat(20) }), { maxLength: 100 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        steps,
        (perSecond, burst, all) => {
          const clock = new TestClock();
          const limiter = new RateLimiter<number>(clock, { perSecond, burst });
          let tokens = burst;
          for (const { ms, tries } of all) {
            clock.pass(ms);
            tokens = Math.min(burst, tokens + (ms * perSecond) / 1_000);
            for (let i = 0; i < tries; i++) {
              const passed = limiter.take(1) === 0;
              // Where the two differ by rounding alone, either is right.
              if (Math.abs(tokens - 1) > 1e-6) expect(passed).toBe(tokens > 1);
              if (passed) tokens -= 1;
            }
          }
        },
      ),
    );
  });

  test('a clock that was put back makes nobody wait for it', () => {
    const clock = new TestClock();
    const limiter = new RateLimiter<string>(clock, { perSecond: 1, burst: 1 });
    limiter.take('a');
    clock.pass(-3_600_000);
    expect(limiter.take('a')).toBeLessThanOrEqual(1);
  });
});

describe('limits of rates', () => {
  const actor = (kind: 'key' | 'user', id: number): Actor => ({ ...daybook, kind, id });
  const refused = (attempt: () => unknown): DaybookError => {
    try {
      attempt();
    } catch (error) {
      if (error instanceof DaybookError) return error;
    }
    throw new Error('was let through');
  };

  test('count per credential', () => {
    const clock = new TestClock();
    const authenticate = limitRates(clock, 2, (request: { ip: string; who: Actor }) => request.who);
    const ask = (kind: 'key' | 'user', id: number) => () =>
      authenticate({ ip: '10.0.0.1', who: actor(kind, id) });
    expect(ask('key', 1)()).toEqual(actor('key', 1));
    expect(ask('key', 1)()).toEqual(actor('key', 1));
    expect(refused(ask('key', 1)).code).toBe('rate_limited');
    expect(ask('user', 1)()).toEqual(actor('user', 1));
    expect(ask('key', 2)()).toEqual(actor('key', 2));
    clock.pass(1_000);
    expect(ask('key', 1)()).toEqual(actor('key', 1));
  });

  test('count refused credentials per address, and only those', async () => {
    const clock = new TestClock();
    const authenticate = limitRates(clock, 0, async ({ good }: { ip: string; good: boolean }) => {
      if (!good) throw new DaybookError('invalid_credentials');
      return actor('key', 1);
    });
    const code = async (ip: string) => {
      const error = await Promise.resolve(authenticate({ ip, good: false })).catch(
        (reason: unknown) => reason,
      );
      return (error as DaybookError).code;
    };
    const codes: string[] = [];
    for (let i = 0; i < 51; i++) codes.push(await code(`2001:db8::${i.toString(16)}`));
    expect(codes.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 'invalid_credentials'));
    expect(codes[50]).toBe('rate_limited');
    expect(await code('2001:db8:1::1')).toBe('invalid_credentials');
    expect(await authenticate({ ip: '2001:db8::1', good: true })).toEqual(actor('key', 1));
  });

  test('a refusal says when to come back', () => {
    expect(refusalHeaders(rateLimited(0.2, 100))).toEqual({
      'retry-after': '1',
      'ratelimit-policy': '"default";q=100;w=1',
      ratelimit: '"default";r=0;t=1',
    });
    expect(refusalHeaders(new DaybookError('not_found'))).toEqual({});
  });
});
