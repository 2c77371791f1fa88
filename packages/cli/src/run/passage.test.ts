import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Passage } from './passage.ts';

/** A passage whose reader takes nothing until `release`. */
function passageToBlockedReader() {
  const source = new PassThrough({ highWaterMark: 4 * 1024 * 1024 });
  const seen = { tapped: 0, ended: false, taken: 0 };
  const waiting: (() => void)[] = [];
  let blocked = true;
  const sink = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      const take = () => {
        seen.taken += bytes.length;
        done();
      };
      if (blocked) waiting.push(take);
      else take();
    },
  });
  const tap = {
    push: (bytes: Buffer) => {
      seen.tapped += bytes.length;
    },
    end: () => {
      seen.ended = true;
    },
  };
  const release = () => {
    blocked = false;
    for (const take of waiting) take();
  };
  return { source, seen, release, passage: new Passage(source, sink, tap, () => {}) };
}

async function write(source: PassThrough, kilobytes: number): Promise<void> {
  for (let n = 0; n < kilobytes; n++) source.write(Buffer.alloc(1024));
  for (let n = 0; n < 20; n++) await turn();
}

it('a passage holds the command up while its reader is slow, but not the record of one that has ended', async () => {
  const { source, seen, release, passage } = passageToBlockedReader();
  await write(source, 300);
  expect(seen.tapped).toBeLessThan(100 * 1024);
  source.end();
  passage.readRest();
  await passage.closed;
  expect(seen).toEqual({ tapped: 300 * 1024, ended: true, taken: 0 });
  release();
  await passage.passed;
  expect(seen.taken).toBe(300 * 1024);
});

it('a passage holds up what goes on writing after the command, and passes it without the record', async () => {
  const { source, seen, release, passage } = passageToBlockedReader();
  passage.readRest();
  await write(source, 3 * 1024);
  expect(seen.tapped).toBeLessThan(1.2 * 1024 * 1024);
  const { tapped } = seen;
  passage.endTap();
  release();
  source.end();
  await once(source, 'close');
  await passage.passed;
  expect(seen).toEqual({ tapped, ended: true, taken: 3 * 1024 * 1024 });
});
