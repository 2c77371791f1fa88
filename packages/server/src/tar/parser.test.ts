import { expect, test } from 'vitest';
import { tarBytes } from '../datasets/testing/tar-bytes.ts';
import { type TarMember, TarParser } from './parser.ts';

test('x', () => {
  const bytes = tarBytes([
    { path: 'metadata.txt', content: '[]' },
    { path: 'data/a', content: 'hello' },
  ]);
  const seen: TarMember[] = [];
  const p = new TarParser({ member: (m) => seen.push(m), content() {}, memberEnd() {} });
  p.push(bytes as Buffer);
  p.end();
  expect(seen.map((m) => m.path)).toEqual(['metadata.txt', 'data/a']);
});
