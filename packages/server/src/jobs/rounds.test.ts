import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RoundOptions, Rounds } from './rounds.ts';

/** Rounds that go on until they are told to end; what each took is kept in order. */
function stage(options: RoundOptions<string> = {}) {
  const taken: string[][] = [];
  const ends: (() => void)[] = [];
  const rounds = new Rounds<string, string>(async (take) => {
    await Promise.resolve();
    const round = take();
    taken.push([...round]);
    await new Promise<void>((resolve) => ends.push(resolve));
    expect(take()).toEqual(round);
    return round.map((request) => request.toUpperCase());
  }, options);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const end = async (n: number) => {
    ends[n]?.();
    await turn();
  };
  return { rounds, taken, end, turn };
}

const TWO = { beside: { rounds: 1, worthwhile: 2 } };

test('what comes in the same turn shares a round, and what comes meanwhile the next', async () => {
  const { rounds, taken, end, turn } = stage();
  const answers = Promise.all(['a', 'b'].map((request) => rounds.ask(request)));
  await turn();
  const later = Promise.all(['c', 'd'].map((request) => rounds.ask(request)));
  await turn();
  expect(taken).toEqual([['a', 'b']]);
  await end(0);
  expect(await answers).toEqual(['A', 'B']);
  expect(taken).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  await end(1);
  expect(await later).toEqual(['C', 'D']);
});

test('a round takes what it may at most, and one request whatever its size', async () => {
  const { rounds, taken, end, turn } = stage({ most: 3, sizeOf: ({ length }) => length });
  const answers = ['aaaa', 'b', 'cc', 'd'].map((request) => rounds.ask(request));
  await turn();
  for (const round of [0, 1, 2]) await end(round);
  expect(taken).toEqual([['aaaa'], ['b', 'cc'], ['d']]);
  expect(await Promise.all(answers)).toHaveLength(4);
});

test('a second round goes on beside the first when enough waits for it, and no third', async () => {
  const { rounds, taken, end, turn } = stage(TWO);
  for (const request of ['a', 'b']) void rounds.ask(request);
  await turn();
  void rounds.ask('c');
  await turn();
  expect(taken).toEqual([['a', 'b']]);
  void rounds.ask('d');
  await turn();
  expect(taken).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  for (const request of ['e', 'f', 'g']) void rounds.ask(request);
  await turn();
  expect(taken).toHaveLength(2);
  await end(1);
  expect(taken[2]).toEqual(['e', 'f', 'g']);
  await Promise.all([end(0), end(2), rounds.idle()]);
});

test('what is about the same is never in two rounds at a time, and stays in order', async () => {
  const { rounds, taken, end, turn } = stage({ ...TWO, subjectsOf: (request) => [...request].map(Number) });
  for (const request of ['12', '3']) void rounds.ask(request);
  await turn();
  // 4 is about the same as what has to wait for 2.
  for (const request of ['24', '4', '5', '6']) void rounds.ask(request);
  await turn();
  expect(taken).toEqual([
    ['12', '3'],
    ['5', '6'],
  ]);
  await end(0);
  await end(1);
  expect(taken[2]).toEqual(['24', '4']);
  await end(2);
});

test('much that is about the same waits without being looked at again and again', async () => {
  let looks = 0;
  const { rounds, end, turn } = stage({
    ...TWO,
    beside: { rounds: 1, worthwhile: 100 },
    subjectsOf: () => {
      looks += 1;
      return [1];
    },
  });
  void rounds.ask('first');
  await turn();
  const answers = Array.from({ length: 2_000 }, () => rounds.ask('more'));
  await turn();
  expect(looks).toBeLessThan(2_000 * 5);
  await end(0);
  await end(1);
  expect(await Promise.all(answers)).toHaveLength(2_000);
});

test('whoever finds no room is the first of the next round', async () => {
  const taken: string[][] = [];
  const rounds = new Rounds<string, string>(async (take) => {
    await Promise.resolve();
    taken.push([...take()]);
    return take().map((request, i) => (i === 0 ? request : undefined));
  });
  expect(await Promise.all(['a', 'b', 'c'].map((request) => rounds.ask(request)))).toEqual(['a', 'b', 'c']);
  expect(taken).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
});

test('a round that fails fails for those whom it took, or would have taken, and the next goes on', async () => {
  let works = false;
  const rounds = new Rounds<string, string>(async (take) => {
    if (!works) throw new Error('away');
    return take();
  }, TWO);
  const [first, second] = ['a', 'b'].map((request) => rounds.ask(request));
  await expect(first).rejects.toThrow('away');
  await expect(second).rejects.toThrow('away');
  works = true;
  expect(await rounds.ask('c')).toBe('c');
  await rounds.idle();
});

test('whatever comes in whatever order: each is answered once, and what is about the same in order', async () => {
  const requests = fc.array(fc.record({ subjects: fc.array(fc.nat(4), { minLength: 1 }), pause: fc.nat(3) }));
  const options = fc.record({
    most: fc.integer({ min: 1, max: 6 }),
    worthwhile: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(
      requests,
      options,
      fc.infiniteStream(fc.nat(4)),
      async (asked, { most, worthwhile }, pauses) => {
        const ended: number[] = [];
        const going = new Set<number>();
        const rounds = new Rounds<number, number>(
          async (take) => {
            await wait(pauses.next().value);
            const subjects = new Set(take().flatMap((i) => asked[i]?.subjects ?? []));
            for (const subject of subjects) expect(going.has(subject)).toBe(false);
            for (const subject of subjects) going.add(subject);
            await wait(pauses.next().value);
            for (const subject of subjects) going.delete(subject);
            ended.push(...take());
            return take();
          },
          { most, beside: { rounds: 2, worthwhile }, subjectsOf: (i) => asked[i]?.subjects ?? [] },
        );
        const answers: Promise<number>[] = [];
        for (const [i, { pause }] of asked.entries()) {
          answers.push(rounds.ask(i));
          await wait(pause);
        }
        expect(await Promise.all(answers)).toEqual(asked.map((_, i) => i));
        await rounds.idle();
        for (const subject of [0, 1, 2, 3, 4]) {
          const about = ended.filter((i) => asked[i]?.subjects.includes(subject));
          expect(about).toEqual(about.toSorted((a, b) => a - b));
        }
      },
    ),
  );
});

async function wait(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
