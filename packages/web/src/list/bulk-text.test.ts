import { loadMessages, translator } from '@daybook/core';
import { expect, test } from 'vitest';
import { skippedText } from './bulk-text.ts';

const t = translator('en');
const de = translator('de', await loadMessages('de'));
const skipped = [
  { reason: 'still_active', count: 2 },
  { reason: 'target_busy', count: 1 },
  { reason: 'not_found', count: 0 },
] as const;

test('what is left out is one plain sentence', () => {
  expect(skippedText([...skipped], t)).toBe(
    '3 are left as they are: 2 have not ended yet and the target of 1 is held by another job.',
  );
  expect(skippedText([...skipped], de)).toBe(
    '3 bleiben, wie sie sind: 2 sind noch nicht zu Ende und das Ziel von 1 ist von einem anderen Job belegt.',
  );
});

test('nothing left out needs no sentence', () => {
  expect(skippedText([], t)).toBe('');
  expect(skippedText([{ reason: 'not_found', count: 0 }], t)).toBe('');
});
