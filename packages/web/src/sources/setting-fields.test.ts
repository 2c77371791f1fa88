import { expect, test } from 'vitest';
import { draftOf, settingFields, settingsOf } from './setting-fields.ts';

test('a list is written as JSON, comes back as it was, and what is none goes to the server', () => {
  const fields = settingFields({ properties: { args: { type: 'array', default: [] } } });
  const draft = draftOf(fields, { args: ['--all', 'a b'] });
  expect(draft).toEqual({ args: '["--all","a b"]' });
  expect(settingsOf(fields, draft)).toEqual({ args: ['--all', 'a b'] });
  expect(settingsOf(fields, draftOf(fields, {}))).toEqual({ args: [] });
  expect(settingsOf(fields, { args: '--all' })).toEqual({ args: '--all' });
});
