import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { errorCatalogue } from './errors.ts';
import { analysisStatuses, assessments, executions } from './job.ts';
import { de } from './messages/de.ts';
import { en, type MessageKey } from './messages/en.ts';
import { loadMessages } from './messages/load-messages.ts';
import { type Language, languages, type Message } from './messages/message.ts';
import { roles } from './roles.ts';
import { jobStatuses, stepStatuses } from './status.ts';
import {
  chooseLanguage,
  isMessageKey,
  MessageParameterError,
  placeholdersOf,
  translator,
} from './translate.ts';

const keys = Object.keys(en) as MessageKey[];
const catalogues: readonly [Language, Readonly<Record<MessageKey, Message>>][] = [
  ['en', en],
  ['de', de],
];
const t = translator('en');
const tDe = translator('de', de);

describe('the catalogue', () => {
  test('has the same keys in every language', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });

  test.each(keys)('%s has the same placeholders in every language', (key) => {
    expect(placeholdersOf(de[key])).toEqual(placeholdersOf(en[key]));
  });

  test.each(catalogues)('%s has a form for every plural category of the language', (language, messages) => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const message of Object.values(messages)) {
      if (typeof message !== 'string')
        expect(Object.keys(message)).toEqual(expect.arrayContaining(categories));
    }
  });

  test.each(catalogues)(
    '%s says something under every key, without stray braces or spaces',
    (_, messages) => {
      for (const [key, message] of Object.entries(messages)) {
        for (const text of typeof message === 'string' ? [message] : Object.values<string>({ ...message })) {
          expect(text, key).toBe(text.trim());
          expect(text, key).not.toBe('');
          expect(text.replaceAll(/\{[A-Za-z]+\}/g, ''), key).not.toMatch(/[{}]/);
          expect(text, key).not.toMatch(/!/); // ui.md: no exclamation marks
        }
      }
    },
  );

  test('has a word for every word of the design', () => {
    const wanted = [
      ...jobStatuses.flatMap((status) => [`status.${status}`, `status.${status}.hint`]),
      ...stepStatuses.map((status) => `stepStatus.${status}`),
      ...analysisStatuses.map((status) => `analysisStatus.${status}`),
      ...assessments.map((assessment) => `assessment.${assessment}`),
      ...executions.map((execution) => `execution.${execution}`),
      ...roles.map((role) => `role.${role}`),
      ...Object.keys(errorCatalogue).map((code) => `error.${code}`),
    ];
    expect(wanted.filter((key) => !isMessageKey(key))).toEqual([]);
  });

  test.each(languages)('%s loads lazily', async (language) => {
    expect(Object.keys(await loadMessages(language))).toHaveLength(keys.length);
  });
});

describe('translator', () => {
  test('fills placeholders', () => {
    expect(t('job.title', { id: 1234567 })).toBe('Job 1234567');
    expect(t('signIn.welcome', { name: '$& {id} <b>' })).toBe('Welcome, $& {id} <b>');
    expect(tDe('job.notFound', { id: 17 })).toBe('Es gibt keinen Job 17, oder Sie dürfen ihn nicht sehen.');
  });

  test.each([
    [0, 'no jobs', 'keine Jobs'],
    [1, '1 job', '1 Job'],
    [2, '2 jobs', '2 Jobs'],
    [12_345, '12,345 jobs', '12.345 Jobs'],
    [-1, '-1 job', '-1 Job'],
    [1.5, '1.5 jobs', '1,5 Jobs'],
  ])('counts %s', (count, english, german) => {
    expect(t('jobs.count', { count })).toBe(english);
    expect(tDe('jobs.count', { count })).toBe(german);
  });

  test('takes keys that are put together', () => {
    for (const status of jobStatuses) expect(t(`status.${status}`)).toBe(status);
  });

  test('says its language and locale', () => {
    expect([t.language, t.locale, tDe.language, tDe.locale]).toEqual(['en', 'en-GB', 'de', 'de-DE']);
  });

  test('refuses a missing parameter', () => {
    const careless = t as unknown as (key: string, parameters?: object) => string;
    expect(() => careless('job.title')).toThrow(MessageParameterError);
    expect(() => careless('job.title', { id: undefined })).toThrow(
      'message job.title needs the parameter id',
    );
    expect(() => careless('jobs.count', {})).toThrow('message jobs.count needs the parameter count');
    expect(() => careless('job.title', Object.create({ id: 1 }))).toThrow(MessageParameterError);
  });

  test('lets the compiler check keys and parameters', () => {
    expectTypeOf(t<'job.title'>).parameters.toEqualTypeOf<['job.title', { readonly id: string | number }]>();
    expectTypeOf(t<'jobs.count'>).parameters.toEqualTypeOf<['jobs.count', { readonly count: number }]>();
    expectTypeOf(t<'action.save'>).parameters.toEqualTypeOf<['action.save']>();
    // @ts-expect-error no such message
    expectTypeOf(t).toBeCallableWith('no.such.message');
  });

  test('knows its keys', () => {
    expect(isMessageKey('status.failed')).toBe(true);
    expect(isMessageKey('toString')).toBe(false);
  });
});

describe('chooseLanguage', () => {
  test.each<[readonly (string | readonly string[] | null | undefined)[], Language]>([
    [[], 'en'],
    [[undefined, null, ''], 'en'],
    [['de'], 'de'],
    [['DE-at'], 'de'],
    [['fr, de-CH;q=0.8, en;q=0.5'], 'de'],
    [['en;q=0.5, de;q=0.9'], 'de'],
    [['de;q=0, en'], 'en'],
    [['de;q=0'], 'en'],
    [['*'], 'en'],
    [[['fr-FR', 'de', 'en']], 'de'],
    [[undefined, 'fr', 'de'], 'de'],
    [['en', 'de'], 'en'],
    [['denmark'], 'en'],
    [['de;q=nonsense'], 'de'],
  ])('%j → %s', (wishes, language) => expect(chooseLanguage(...wishes)).toBe(language));

  test('takes any header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => languages.includes(chooseLanguage(header))),
    );
    expect(chooseLanguage(`${'fr,'.repeat(100_000)}de`)).toBe('en');
  });
});
