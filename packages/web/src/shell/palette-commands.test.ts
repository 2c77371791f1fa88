import { expect, test } from 'vitest';
import { commandsLike } from './palette-commands.ts';

const command = (label: string, keys?: string) => ({ label, ...(keys && { keys }), run: () => {} });
const labels = (text: string, ...commands: ReturnType<typeof command>[]) =>
  commandsLike(commands, text).map(({ label }) => label);

test('finds commands by any of their words, in whatever order and case, beginnings first', () => {
  const all = [command('go to the requeue log'), command('go to the queue', 'g q'), command('next row', 'j')];
  expect(labels('', ...all)).toEqual(all.map(({ label }) => label));
  expect(labels('QUEUE go', ...all)).toEqual(['go to the queue', 'go to the requeue log']);
  expect(labels('row  ne', ...all)).toEqual(['next row']);
  expect(labels('nothing', ...all)).toEqual([]);
});

test('a key that two own does what the later one says', () => {
  expect(labels('', command('next row', 'j'), command('next job', 'j'), command('x'), command('y'))).toEqual([
    'next job',
    'x',
    'y',
  ]);
});
