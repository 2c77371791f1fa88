import { loadMessages, translator } from '@daybook/core';
import { expect, test } from 'vitest';
import { currentText, momentText, pauseClause, plannedText } from './pause-text.ts';

const t = translator('en');
const de = translator('de', await loadMessages('de'));
const now = Date.parse('2026-03-10T10:00:00Z');
const pause = {
  by: 'user:doea',
  reason: 'Upgrade of the store',
  startsAt: '2026-03-10T09:00:00.000Z',
  endsAt: '2026-03-10T14:00:00.000Z',
  configurations: null,
};

test('a pause says what, who, until when and why', () => {
  expect(currentText(pause, now, t, 'UTC')).toBe(
    'The queue is paused by doea until 14:00: Upgrade of the store',
  );
  expect(currentText({ ...pause, endsAt: null, by: 'daybook' }, now, t, 'UTC')).toBe(
    'The queue is paused by Daybook: Upgrade of the store',
  );
  expect(currentText(pause, now, de, 'Europe/Berlin')).toBe(
    'Die Warteschlange ist bis 15:00 pausiert (doea): Upgrade of the store',
  );
});

test('some configurations are named, many are counted', () => {
  const some = { ...pause, endsAt: null, configurations: ['crash', 'import'] };
  expect(currentText(some, now, t, 'UTC')).toBe('crash and import are paused by doea: Upgrade of the store');
  const many = { ...some, configurations: ['a', 'b', 'c', 'd', 'e'] };
  expect(currentText(many, now, t, 'UTC')).toContain('a, b, c and 2 more are paused');
});

test('a planned pause names its day where it is not today, and that once', () => {
  const tonight = { ...pause, startsAt: '2026-03-10T18:00:00Z', endsAt: '2026-03-10T20:00:00Z' };
  expect(plannedText(tonight, now, t, 'UTC')).toContain('from 18:00 until 20:00');
  const friday = { ...pause, startsAt: '2026-03-13T18:00:00Z', endsAt: '2026-03-13T20:00:00Z' };
  expect(plannedText(friday, now, t, 'UTC')).toContain('from 13 Mar 2026, 18:00 until 20:00');
  const night = { ...pause, startsAt: '2026-03-10T23:00:00Z', endsAt: '2026-03-11T01:00:00Z' };
  expect(plannedText(night, now, t, 'UTC')).toContain('from 23:00 until 11 Mar 2026, 01:00');
  expect(plannedText({ ...tonight, endsAt: null }, now, t, 'UTC')).toContain('from 18:00 on');
});

test('today is where the person is', () => {
  expect(momentText('2026-03-10T23:30:00Z', now, t, 'UTC')).toBe('23:30');
  expect(momentText('2026-03-10T23:30:00Z', now, t, 'Europe/Berlin')).toBe('11 Mar 2026, 00:30');
});

test('the greeting takes a few words', () => {
  expect(pauseClause(pause, now, t, 'UTC')).toBe('queue paused until 14:00');
  expect(pauseClause({ ...pause, endsAt: null, configurations: ['crash'] }, now, t, 'UTC')).toBe(
    'part of the queue paused',
  );
});
