import { type JobEvent, translator } from '@daybook/core';
import { expect, test } from 'vitest';
import { eventTarget, eventText } from './event-text.ts';

const t = translator('en');

const event = (fields: Partial<JobEvent>) => ({ message: null, metadata: null, ...fields }) as JobEvent;
const file = (metadata: Record<string, string | number>, message: string | null = null) =>
  eventTarget(event({ kind: 'file', metadata, message }), t);
const link = (message: string) => eventTarget(event({ kind: 'link', message }), t);

test('a file is its name and size, its path is for whoever asks', () => {
  expect(eventText(event({ kind: 'file', metadata: { path: '/a/b.csv' } }), t, [])).toBe('file');
  expect(file({ path: '/mnt/work/1/curves.csv', bytes: 714_103 })).toEqual({
    name: 'curves.csv',
    title: '/mnt/work/1/curves.csv',
    note: '714\u00a0kB',
  });
  expect(file({ path: 'C:\\runs\\out\\' }, 'kept')).toMatchObject({ name: 'out', note: 'kept' });
  expect(file({ sha256: 'ab', bytes: 1 })).toMatchObject({ name: 'sha256, bytes' });
});

test('only addresses of the web are links', () => {
  expect(link('https://wiki.example/run?a=1')?.href).toBe('https://wiki.example/run?a=1');
  expect(link('http://host:8080/')?.href).toBe('http://host:8080/');
  for (const text of [
    'javascript:alert(1)',
    ' JaVaScript:alert(1)',
    'data:text/html,x',
    '/users',
    'see wiki',
  ])
    expect(link(text)).toEqual({ name: text });
});
