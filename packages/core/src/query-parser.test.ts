import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QueryError } from './query-error.ts';
import { leavesOf, printQuery, type QueryNode } from './query-node.ts';
import { parseQuery } from './query-parser.ts';

/** A query as one line: what the parser made of it. */
function shape(node: QueryNode | undefined): string {
  if (node === undefined) return '';
  switch (node.kind) {
    case 'and':
    case 'or':
      return `${node.kind}(${node.items.map(shape).join(' ')})`;
    case 'not':
      return `not(${shape(node.item)})`;
    case 'word':
      return node.word;
    case 'phrase':
      return `"${node.words.join(node.single ? '|' : ' ')}"`;
    case 'term':
      return `${node.field}=${node.values.map(({ text, open }) => text + (open ? '…' : '')).join('|')}`;
    case 'status':
    case 'analysis':
    case 'assessment':
      return `${node.kind}=${node.values.join('|')}`;
    case 'step':
      return `step=${node.values.join('|')}`;
    case 'part':
      return `${node.field}~${node.texts.join('|')}`;
    case 'moment':
      return `${node.field}@${node.moment}`;
    case 'amount':
      return `${node.field}${JSON.stringify(node.range)}`;
    case 'ids':
      return `${node.field}#${node.ids.join('|')}`;
    case 'base':
      return `base#${node.values.map(({ text, open }) => text + (open ? '…' : '')).join('|')}`;
    case 'flag':
      return `is.${node.flag}`;
  }
}

describe('reads', () => {
  test.each([
    ['', ''],
    ['  \t ', ''],
    ['Sled', 'sled'],
    ['main sled_simulation.key', 'and(main sled_simulation.key)'],
    ['a b OR c d', 'and(a or(b c) d)'],
    ['a OR b | c || d', 'or(a b c d)'],
    ['(a b) OR c', 'or(and(a b) c)'],
    ['((a) (b c))', 'and(a b c)'],
    ['a AND b', 'and(a b)'],
    ['or and not', 'and(or and not)'],
    ['-a NOT b', 'and(not(a) not(b))'],
    ['-(a OR b) c', 'and(not(or(a b)) c)'],
    ['a - b', 'and(a - b)'],
    ['"exact  Phrase"', '"exact phrase"'],
    ['"sled."', '"sled.|sled"'],
    ['"-v2"', '"-v2|v2"'],
    ['"say ""hi"" now"', '"say hi now"'],
    ['f(x) (g(y))', 'and(f(x) g(y))'],
    ['status:failed', 'status=failed'],
    ['STATUS:Failed,running', 'status=running|failed'],
    ['status:active', 'status=queued|running'],
    ['status:pending,error', 'status=queued|failed'],
    ['status:"norm term",cancelled', 'status=succeeded|canceled'],
    ['sled* -roof**', 'and(sled not(roof))'],
    ['"sled*" * a*b', 'and("sled*" * a*b)'],
    ['assessment:"not ok",nok,none', 'assessment=not_ok|'],
    ['-project:3001234 user:Doea,Müller', 'and(not(project=3001234) user=doea|müller)'],
    ['solver:LS*', 'solver=ls…'],
    ['tag:"a, b"', 'tag=a, b'],
    ['config:"x*"', 'configuration=x*'],
    ['name:Sled path:"/Run 7/"', 'and(name~sled path~/run 7/)'],
    ['after:2026-01-01 before:yesterday', 'and(after@2026-01-01 before@yesterday)'],
    ['ended-after:"2026-01-01 12:00"', 'ended-after@2026-01-01 12:00'],
    ['base:1234567,#17', 'base#1234567|#17'],
    ['base:12* -base:*', 'and(base#12… not(base#…))'],
    ['id:17,18 parent:#3', 'and(id#17|18 parent#3)'],
    ['duration:>2h', 'duration{"min":7200000,"minExcluded":true}'],
    ['progress:10..50%', 'progress{"min":10,"max":50}'],
    ['is:stalled is:MINE', 'and(is.stalled is.mine)'],
    ['http://host/x C:\\dir', 'and(http://host/x c:\\dir)'],
    ['12:30 :x', 'and(12:30 :x)'],
    ['\u200b', ''],
    ['ﬁ\u00a0x', 'and(fi x)'],
  ])('%s', (text, expected) => {
    expect(shape(parseQuery(text))).toBe(expected);
  });
});

describe('points at what cannot be read', () => {
  test.each([
    ['sled "open', 5, 5, 'unclosedQuote'],
    ['a (b c', 2, 1, 'unclosedGroup'],
    ['a ()', 2, 2, 'emptyGroup'],
    ['a b) c', 3, 1, 'unopenedGroup'],
    ['a OR', 2, 2, 'orAlone'],
    ['OR a', 0, 2, 'orAlone'],
    ['a OR OR b', 2, 2, 'orAlone'],
    ['(a OR ) b', 3, 2, 'orAlone'],
    ['x stauts:failed', 2, 7, 'nearField'],
    ['colour:red', 0, 7, 'unknownField'],
    ['constructor:1', 0, 12, 'unknownField'],
    ['status:', 0, 7, 'missingValue'],
    ['tag:a,', 0, 6, 'missingValue'],
    ['status:failed,fialed', 14, 6, 'unknownValue'],
    ['status:fail', 7, 4, 'unknownValue'],
    ['status:"fa il x"', 7, 9, 'unknownValue'],
    ['is:nice', 3, 4, 'unknownValue'],
    ['after:soon', 6, 4, 'badMoment'],
    ['after:2026-02-30', 6, 10, 'badMoment'],
    ['duration:long', 9, 4, 'badAmount'],
    ['id:x', 3, 1, 'badId'],
    ['base:#x', 5, 2, 'badId'],
    [`${'('.repeat(30)}a${')'.repeat(30)}`, 20, 1, 'tooDeep'],
    [Array.from({ length: 80 }, (_, i) => `w${i}`).join(' '), 246, 63, 'tooMany'],
  ])('%s', (text, from, length, code) => {
    let thrown: unknown;
    try {
      parseQuery(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(QueryError);
    expect(thrown).toMatchObject({ from, length, key: `query.${code}` });
  });
});

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        'a',
        '"',
        '(',
        ')',
        '-',
        ' OR ',
        'status:failed',
        'user:',
        ',',
        '*',
        'x y',
        'after:7d',
        ' ',
        '#17',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

test('whatever is typed is read, or refused at a place inside it', () => {
  fc.assert(
    fc.property(anything, (text) => {
      try {
        for (const leaf of leavesOf(parseQuery(text))) expect(leaf.text).not.toBe('');
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        expect(error.from).toBeLessThanOrEqual(text.length);
        expect(error.length).toBeGreaterThan(0);
        expect(error.message).not.toContain('{');
      }
    }),
    { numRuns: 3_000 },
  );
});

test('what is printed reads as the same', () => {
  let meaningful = 0;
  fc.assert(
    fc.property(anything, (text) => {
      let node: QueryNode | undefined;
      try {
        node = parseQuery(text);
      } catch {
        return;
      }
      const again = parseQuery(printQuery(node));
      expect(shape(again)).toBe(shape(node));
      expect(printQuery(again)).toBe(printQuery(node));
      if (node?.kind === 'and' || node?.kind === 'or') meaningful += 1;
    }),
    { numRuns: 3_000 },
  );
  expect(meaningful).toBeGreaterThan(200);
});
