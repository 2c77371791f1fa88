import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TailFile } from './tail-file.ts';

function newFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'daybook-tail-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'accounting');
  writeFileSync(path, text);
  return path;
}

test('reads whole lines on from where it stopped, and another file from its beginning', async () => {
  const path = newFile('one\ntw');
  const file = new TailFile(path);
  expect(await file.read()).toEqual({ text: 'one\n', anew: true, tooLong: false });
  expect(await file.read()).toEqual({ text: '', anew: false, tooLong: false });
  appendFileSync(path, 'o\n');
  expect(await file.read()).toEqual({ text: 'two\n', anew: false, tooLong: false });
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'three\n');
  expect(await file.read()).toEqual({ text: 'three\n', anew: true, tooLong: false });
  writeFileSync(path, 'tiny\n');
  expect(await file.read()).toEqual({ text: 'tiny\n', anew: true, tooLong: false });
});

test('passes over a line that is longer than what is read at once, says so once, and goes on behind it', async () => {
  const path = newFile(`one\n${'x'.repeat(35)}\ntwo\nthr`);
  const file = new TailFile(path, { mostBytes: 10 });
  const told = [];
  for (let reads = 0; reads < 8; reads++) told.push(await file.read());
  expect(told.map(({ text }) => text).join('')).toBe('one\ntwo\n');
  expect(told.filter(({ tooLong }) => tooLong)).toHaveLength(1);
  appendFileSync(path, 'ee\n');
  expect((await file.read()).text).toBe('three\n');
  // A line that grows piece by piece is long all the same.
  appendFileSync(path, 'y'.repeat(9));
  expect(await file.read()).toMatchObject({ text: '', tooLong: false });
  appendFileSync(path, 'y'.repeat(9));
  expect(await file.read()).toMatchObject({ text: '', tooLong: true });
  appendFileSync(path, 'y\nend\n');
  expect((await file.read()).text + (await file.read()).text).toBe('end\n');
});
