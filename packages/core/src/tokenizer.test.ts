import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analysisStatuses, assessments } from './job.ts';
import { jobStatuses } from './status.ts';
import { InvalidTimeError } from './time.ts';
import { foldWord, jobWords, matchesWords, queryWords, type WordSource, wordLimits } from './tokenizer.ts';

const utc = { timeZone: 'UTC' };
const sled: WordSource = {
  id: 17,
  externalId: '1234567',
  name: 'main_sled_simulation.v2.key',
  user: 'DoeA',
  project: '3001234',
  kind: 'simulation',
  solver: 'LS-DYNA',
  configuration: { tag: 'crash_front' },
  target: 'MY_DATASET',
  operation: 'ADD',
  tags: ['pab_study', '#Validation'],
  status: 'succeeded',
  analysisStatus: 'ongoing',
  assessment: 'not_ok',
  submittedAt: '2018-01-02T23:30:00.000Z',
  submitDirectory: '/mnt/runs/c_prj_front/3001234_Sled Tests/',
  info: 'Baseline (with "new" belt), see run-12_b; foo_bar...\nPelvis-load: 4.5kN!',
  summary: '-- Better than [1234500]? Größe gut, ΟΔΟΣ.',
};
const sledWords = jobWords(sled, utc);

describe('the words of a job', () => {
  test.each([
    // id and external id
    '17',
    '1234567',
    '12345',
    // main name: whole, at its underscores, at its last dot
    'main_sled_simulation.v2.key',
    'MAIN_SLED',
    'sled',
    'simulation.v2.key',
    'simulation.v2',
    'key',
    'main_sled_simulation.v2',
    // user, project
    'doea',
    'DOE',
    '3001234',
    '300',
    // folders: whole and at underscores
    'mnt',
    'runs',
    'c_prj_front',
    'prj',
    'front',
    '3001234_sled',
    'tests',
    // info and summary: without punctuation at the ends, with it inside
    'baseline',
    'with',
    'new',
    'belt',
    'run-12_b',
    'foo_bar',
    'pelvis-load',
    '4.5kn',
    'better',
    '1234500',
    'größe',
    'GRÖSSE',
    'οδος',
    'οδοσ',
    // status (old and ours), analysis status, assessment
    'succeeded',
    'normal',
    'termination',
    'normal term',
    'ongoing',
    'nok',
    'not ok',
    'not_ok',
    // date
    '2018-01-02',
    '2018-01',
    '2018',
    // what the old diary did not have
    'simulation',
    'ls-dyna',
    'crash_front',
    'front',
    'my_dataset',
    'dataset',
    'add',
    'pab_study',
    'study',
    '#validation',
    'validation',
    // all words must match, in any order, and an empty query is no filter
    'sled doea 2018',
    'doea   sled',
    '',
    '   ',
    '\t\n',
  ])('are found by %j', (query) => expect(matchesWords(sledWords, query)).toBe(true));

  test.each([
    'led',
    'imulation',
    'sled_sim',
    'v2.key',
    'doeb',
    '234567',
    '018',
    '01-02',
    'sled nothing',
    'error',
    'failed',
    'open',
    'done',
    '(with',
    '"new"',
    'belt),',
    '12_b',
    'bar',
    'load',
    '3001234_sled tests2',
    'c_prj_front/3001234',
    '/mnt',
    'grosse',
    '2018-01-03',
    'obsolete',
    'dyna',
  ])('are not found by %j', (query) => expect(matchesWords(sledWords, query)).toBe(false));

  test('have the day of the diary, not of UTC', () => {
    const words = jobWords(sled, { timeZone: 'Europe/Berlin' });
    expect(matchesWords(words, '2018-01-03')).toBe(true);
    expect(matchesWords(words, '2018-01-02')).toBe(false);
  });

  test.each([
    ['unknown', ['unknown', 'none', 'undefined']],
    ['queued', ['queued', 'pending']],
    ['running', ['running']],
    ['finished', ['finished']],
    ['succeeded', ['succeeded', 'normal', 'termination']],
    ['failed', ['failed', 'error', 'termination']],
    ['other', ['other', 'termination']],
    ['canceled', ['canceled', 'cancelled']],
  ] as const)('say status %s', (status, words) => expect(jobWords({ status }, utc)).toEqual(words));

  test.each(assessments)('say assessment %s', (assessment) => {
    expect(matchesWords(jobWords({ assessment }, utc), assessment.replace('_', ' '))).toBe(true);
  });
  test.each(analysisStatuses)('say analysis status %s', (analysisStatus) => {
    expect(jobWords({ analysisStatus }, utc)).toEqual([analysisStatus]);
  });

  test('nok finds not ok, and ok alone is not nok', () => {
    expect(matchesWords(jobWords({ assessment: 'ok' }, utc), 'nok')).toBe(false);
    expect(matchesWords(jobWords({ assessment: null }, utc), 'ok')).toBe(false);
  });

  test('of nothing are none', () => {
    expect(jobWords({}, utc)).toEqual([]);
    expect(jobWords({ name: '', info: '... -- !', submitDirectory: '///' }, utc)).toEqual([]);
    expect(jobWords({ name: '___.' }, utc)).toEqual(['___.', '.', '___']);
  });

  test('have Windows folders too', () => {
    expect(jobWords({ submitDirectory: 'C:\\Data\\run_1' }, utc)).toEqual([
      'c:',
      'data',
      'run_1',
      'run',
      '1',
    ]);
  });

  test('refuse an unknown zone and a date that is none', () => {
    expect(() => jobWords({ submittedAt: 0 }, { timeZone: 'Mars/Olympus' })).toThrow(InvalidTimeError);
    expect(() => jobWords({ submittedAt: 'yesterday' }, utc)).toThrow(InvalidTimeError);
  });
});

describe('folding', () => {
  test.each([
    ['Müller', 'MÜLLER', 'composed and raised'],
    ['Mu\u0308ller', 'm\u00fcller', 'decomposed, as macOS names files'],
    ['Straße', 'STRASSE', 'sharp s'],
    ['STRAẞE', 'strasse', 'capital sharp s'],
    ['ΟΔΟΣ', 'οδος', 'final sigma'],
    ['ﬁle', 'FILE', 'ligature'],
    ['１２３', '123', 'full-width digits'],
    ['so\u00adft\u200b', 'soft', 'invisible characters'],
    ['\ufeffrun', 'run', 'byte order mark'],
    ['ÅNGSTRÖM', 'a\u030angstro\u0308m', 'two ways to Å'],
    ['ДОКЛАД', 'доклад', 'Cyrillic'],
    ['工程報告', '工程報告', 'no case at all'],
    ['✔\ufe0f', '✔', 'variation selector'],
  ])('%j and %j meet (%s)', (a, b) => expect(foldWord(a)).toBe(foldWord(b)));

  test.each([
    ['Müller', 'Muller'],
    ['ı', 'j'],
    ['a-b', 'ab'],
  ])('%j and %j do not', (a, b) => expect(foldWord(a)).not.toBe(foldWord(b)));

  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
  test('is done once and for all', () => {
    fc.assert(
      fc.property(anyText, (text) => void expect(foldWord(foldWord(text))).toBe(foldWord(text))),
      { numRuns: 2_000 },
    );
  });

  test('does not depend on case', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'azßäÖéЖщΣςσñ09_-.') });
    fc.assert(
      fc.property(letters, (text) => {
        expect(foldWord(text.toUpperCase())).toBe(foldWord(text));
        expect(foldWord(text.toLowerCase())).toBe(foldWord(text));
      }),
    );
  });

  test('keeps prefixes prefixes', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'azAßäÖéЖщΣςσñ09_-.') });
    fc.assert(
      fc.property(
        letters,
        letters,
        (a, b) => void expect(foldWord(a + b).startsWith(foldWord(a))).toBe(true),
      ),
    );
  });
});

describe('properties', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.lorem({ mode: 'sentences' }));
  const job: fc.Arbitrary<WordSource> = fc.record(
    {
      id: fc.nat(),
      externalId: text,
      name: text,
      user: text,
      project: text,
      solver: text,
      tags: fc.array(text, { maxLength: 5 }),
      status: fc.constantFrom(...jobStatuses),
      analysisStatus: fc.constantFrom(...analysisStatuses),
      assessment: fc.option(fc.constantFrom(...assessments)),
      submittedAt: fc.integer({ min: 0, max: 4e12 }),
      submitDirectory: fc.array(text).map((folders) => `/${folders.join('/')}`),
      info: text,
      summary: text,
    },
    { requiredKeys: [] },
  );

  test('words are folded, whole, different and in bounds', () => {
    fc.assert(
      fc.property(job, (each) => {
        const words = jobWords(each, utc);
        expect(new Set(words).size).toBe(words.length);
        for (const word of words) {
          expect(word).not.toMatch(/^$|[\s\p{Cc}]/u);
          expect(word.isWellFormed()).toBe(true);
          expect(word.length).toBeLessThanOrEqual(wordLimits.length);
          expect(queryWords(word)).toEqual([word]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('every beginning of every word finds the job, and any number of them together', () => {
    fc.assert(
      fc.property(job, fc.nat(), fc.nat(), (each, which, length) => {
        const words = jobWords(each, utc).filter(
          (word) => foldWord(word) === word && !/[\ud800-\udfff]/.test(word),
        );
        if (words.length === 0) return;
        const word = words[which % words.length] ?? '';
        expect(matchesWords(words, [word.slice(0, 1 + (length % word.length))])).toBe(true);
        expect(matchesWords(words, words.slice(0, 10).join(' '))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('an empty query matches, and more words never match more', () => {
    fc.assert(
      fc.property(job, text, text, (each, a, b) => {
        const words = jobWords(each, utc);
        expect(matchesWords(words, '')).toBe(true);
        if (matchesWords(words, `${a} ${b}`)) expect(matchesWords(words, a)).toBe(true);
      }),
    );
  });
});

describe('limits', () => {
  test('a word that is too long still finds itself', () => {
    const long = `${'x'.repeat(300)}y`;
    const words = jobWords({ name: long }, utc);
    expect(words).toEqual(['x'.repeat(255)]);
    expect(matchesWords(words, long)).toBe(true);
  });

  test('no character is cut in half', () => {
    expect(jobWords({ user: `a${'😀'.repeat(200)}` }, utc)[0]).toBe(`a${'😀'.repeat(127)}`);
    expect(jobWords({ user: '😀'.repeat(200) }, utc)[0]).toBe('😀'.repeat(127));
  });

  test('a book in the info does not displace the name', () => {
    const info = Array.from({ length: 100_000 }, (_, n) => `w${n}`).join(' ');
    const words = jobWords({ id: 1, name: 'main.key', info, submitDirectory: '/a/b' }, utc);
    expect(words).toHaveLength(wordLimits.perJob);
    expect(words.slice(0, 6)).toEqual(['1', 'main.key', 'main', 'key', 'a', 'b']);
    const wide = Array.from({ length: 2_000 }, (_, n) => `${n}${'x'.repeat(240)}`).join(' ');
    expect(jobWords({ info: wide }, utc).join('').length).toBeLessThanOrEqual(wordLimits.total);
  });

  test('a query has at most so many words', () => {
    expect(queryWords(Array.from({ length: 1_000 }, (_, n) => n).join(' '))).toHaveLength(
      wordLimits.perQuery,
    );
    expect(queryWords('Sled sled SLED')).toEqual(['sled']);
  });
});
