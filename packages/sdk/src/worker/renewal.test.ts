import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HeldLease, type LostLease, Renewal, type Renewed } from './renewal.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function leases(count: number): HeldLease[] {
  return Array.from({ length: count }, (_, n) => ({ jobId: n + 1, leaseToken: `token ${n + 1}` }));
}

const allHeld = async (asked: readonly HeldLease[]): Promise<Renewed[]> =>
  asked.map(({ jobId }) => ({ jobId, held: true }));

describe('renewal', () => {
  it('asks for all leases every third of their time, 500 at once, and no more once none is held', async () => {
    const send = vi.fn(allHeld);
    const renewal = new Renewal(send, () => {});
    renewal.obey({ kind: 'hold', leases: leases(1_100), leaseSeconds: 9 });
    await vi.advanceTimersByTimeAsync(2_999);
    expect(send).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(send.mock.calls.map(([asked]) => asked.length)).toEqual([500, 500, 100]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(send).toHaveBeenCalledTimes(9);
    renewal.obey({ kind: 'let-go', leaseTokens: leases(1_100).map(({ leaseToken }) => leaseToken) });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send).toHaveBeenCalledTimes(9);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells once what is not held any more, unless it was let go meanwhile', async () => {
    const told: LostLease[][] = [];
    const answers = Promise.withResolvers<Renewed[]>();
    const renewal = new Renewal(
      () => answers.promise,
      (lost) => told.push([...lost]),
    );
    renewal.obey({ kind: 'hold', leases: leases(4), leaseSeconds: 9 });
    renewal.obey({ kind: 'beat' });
    renewal.obey({ kind: 'beat' });
    renewal.obey({ kind: 'let-go', leaseTokens: ['token 2'] });
    answers.resolve([
      { jobId: 1, held: false, reason: 'canceled' },
      { jobId: 2, held: false, reason: 'lost' },
      { jobId: 3, held: true },
      { jobId: 4, held: false, reason: 'lost' },
    ]);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([
      [
        { jobId: 1, leaseToken: 'token 1', reason: 'canceled' },
        { jobId: 4, leaseToken: 'token 4', reason: 'lost' },
      ],
    ]);
  });

  it('knows two leases of one job apart', async () => {
    const told: LostLease[] = [];
    const renewal = new Renewal(
      async ([first, second]) => [
        { jobId: first?.jobId ?? 0, held: false, reason: 'lost' },
        { jobId: second?.jobId ?? 0, held: true },
      ],
      (lost) => told.push(...lost),
    );
    const twice = [
      { jobId: 1, leaseToken: 'stale' },
      { jobId: 1, leaseToken: 'fresh' },
    ];
    renewal.obey({ kind: 'hold', leases: twice, leaseSeconds: 9 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told).toEqual([{ jobId: 1, leaseToken: 'stale', reason: 'lost' }]);
  });

  it('goes on asking while the server fails or hangs, three at once at most, and tells nothing', async () => {
    const hanging = vi.fn(() => new Promise<Renewed[]>(() => {}));
    const failing = vi.fn(() => Promise.reject(new Error('away')));
    const tell = vi.fn();
    for (const send of [hanging, failing])
      new Renewal(send, tell).obey({ kind: 'hold', leases: leases(1), leaseSeconds: 9 });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(hanging).toHaveBeenCalledTimes(3);
    expect(failing).toHaveBeenCalledTimes(10);
    expect(tell).not.toHaveBeenCalled();
  });
});
