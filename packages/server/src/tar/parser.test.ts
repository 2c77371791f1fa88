import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IndexLane, type LaneState, ROW } from './lane.ts';
import { TarFault, type TarRule, tarRules } from './tar-fault.ts';
import { hostileTars } from './testing/hostile-tars.ts';
import { archive, binary, extension, member, named, pax, paxRecord, tarBytes } from './testing/made-tar.ts';

interface Read {
  readonly rule?: TarRule;
  readonly members: (string | number | null)[][];
}

/** Reads in pieces of these sizes, the last one for the rest; between pieces another lane may go on. */
function read(bytes: Buffer, sizes: readonly number[] = [], handOver = false): Read {
  let lane = new IndexLane();
  const members: (string | number | null)[][] = [];
  let state: LaneState | undefined;
  const take = (found: ReturnType<IndexLane['take']>) => {
    for (let at = 0; at < found.rows.length; at += ROW) members.push(found.rows.slice(at, at + ROW));
    state = found.state;
    return found.fault?.rule;
  };
  let at = 0;
  for (const size of [...sizes, Number.POSITIVE_INFINITY]) {
    // The memory is written over after the call, as it is in a reception.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    const rule = take(lane.take(piece));
    piece.fill(0xff);
    if (rule !== undefined) return { rule, members };
    at += size;
    if (at >= bytes.length) break;
    if (handOver) lane = goneOn(state, members);
  }
  const rule = take(lane.end());
  return { members, ...(rule !== undefined && { rule }) };
}

function goneOn(state: LaneState | undefined, members: readonly (string | number | null)[][]): IndexLane {
  const lane = new IndexLane(JSON.parse(JSON.stringify(state)));
  lane.remember(
    members.map(([, path]) => path as string),
    members.map(([, , kind]) => kind as 'file' | 'directory'),
  );
  return lane;
}

const withoutHashes = ({ rule, members }: Read) => ({
  rule,
  members: members.map((row) => row.slice(0, -1)),
});
const pieces = fc.array(fc.integer({ min: 1, max: 1_500 }), { maxLength: 40 });

describe('a hostile tar is refused', () => {
  test('there are many, and every rule has one', () => {
    expect(hostileTars.length).toBeGreaterThan(60);
    const shown = new Set(hostileTars.map(({ rule }) => rule));
    // These take more bytes than a test has time for.
    const huge: TarRule[] = ['too-many-members', 'too-large'];
    expect(Object.keys(tarRules).filter((rule) => !shown.has(rule as TarRule))).toEqual(huge);
  });

  test.each(hostileTars.map((each) => [each.rule, each.what, each] as const))(
    '%s: %s',
    (rule, _what, each) => {
      const bytes = each.bytes();
      expect(read(bytes).rule).toBe(rule);
      for (const size of [1, 511, 513]) {
        const sizes = Array.from({ length: Math.min(40_000, Math.ceil(bytes.length / size)) }, () => size);
        expect([size, read(bytes, sizes).rule]).toEqual([size, rule]);
      }
    },
  );

  test('says rule, place and what was found', () => {
    expect(() => {
      throw new TarFault('name-climbs', 512, 'the name "../a" is refused');
    }).toThrow('the name "../a" is refused (name-climbs, byte 512 of the tar)');
  });
});

describe('a valid tar is read', () => {
  const long = `data/${'long/'.repeat(40)}name`;
  const valid: Record<string, Buffer> = {
    ustar: archive(
      member('metadata.txt', '[]'),
      member('data/', '', { flag: '5' }),
      member('data/a', 'hello'),
    ),
    'ustar with a name in two halves': tarBytes([{ path: 'name', prefix: 'data/a/b', content: 'x' }]),
    pax: archive(pax(['path', long], ['mtime', '1700000000.5']), member('short', 'x')),
    'pax with a comment for all': archive(extension('g', paxRecord('comment', 'x')), member('data/a', 'x')),
    GNU: archive(
      extension('L', `${long}\0`),
      member('short', 'x', { edit: (h) => void h.write('ustar  \0', 257, 'latin1') }),
    ),
    'a binary size': archive(member('data/a', 'hello', { edit: (h) => binary(h, 5n) })),
    'the old form': archive(member('data/a', 'x', { edit: (h) => void h.fill(0, 257, 265) })),
    'a type of NUL': archive(member('data/a', 'x', { flag: '\0' })),
    'raw UTF-8': archive(named(Buffer.from('data/Größe 東京.txt'))),
    '`./` in front': archive(
      member('./', '', { flag: '5' }),
      member('./metadata.txt', '[]'),
      member('./data//a/./b', 'x'),
    ),
    'many zeros at the end': Buffer.concat([archive(member('data/a', 'x')), Buffer.alloc(100_001)]),
    nothing: archive(),
    'content of any size': archive(
      ...[0, 1, 511, 512, 513, 70_000].map((n) => member(`data/${n}`, Buffer.alloc(n, n))),
    ),
  };
  test.each(Object.entries(valid))('%s', (_what, bytes) => {
    const whole = read(bytes);
    expect(whole.rule).toBeUndefined();
    for (const [, path, , , at, size] of whole.members)
      if (path === 'data/a' && size === 5)
        expect(bytes.toString('latin1', at as number, (at as number) + 5)).toBe('hello');
    fc.assert(
      fc.property(pieces, (sizes) => {
        expect(read(bytes, sizes)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test.each(Object.entries(valid))('%s, by one lane after the other', (_what, bytes) => {
    const whole = withoutHashes(read(bytes));
    fc.assert(
      fc.property(pieces, (sizes) => {
        expect(withoutHashes(read(bytes, sizes, true))).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test('tells names, sizes, places and hashes', () => {
    const { members } = read(valid['pax'] as Buffer);
    const sha256 = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    expect(members).toEqual([[0, long, 'file', 1_024, 1_536, 1, 1_700_000_000_500, 0o644, sha256]]);
  });
});
