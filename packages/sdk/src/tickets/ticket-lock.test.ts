import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../testing/workplace.ts';
import { TicketBusyError } from './errors.ts';
import { STALE_AFTER, sweepLocks, TicketLock } from './ticket-lock.ts';

const holding = new URL('../testing/ticket-lock-process.ts', import.meta.url).pathname;
const LONG = 20_000;
/** For what hangs, milliseconds. */
const PATIENCE = 20_000;

function ticket(): { directory: string; path: string; lock: string; holder: () => string } {
  const directory = temporaryDirectory();
  const lock = join(directory, '.job.lock');
  const holder = () => join(lock, String(readdirSync(lock)[0]));
  return { directory, path: join(directory, 'job.json'), lock, holder };
}

/** The holder becomes one of another machine. */
function moveElsewhere(holder: string): string {
  const elsewhere = holder.replace(/\.[0-9a-f]{16}\.[^/]*$/, '.0123456789abcdef.elsewhere');
  renameSync(holder, elsewhere);
  return elsewhere;
}

const bytes = (text: string) => Buffer.from(text);

it('is held by one, who puts new content in place and is gone in the same moment', async () => {
  const { directory, path } = ticket();
  const lock = await TicketLock.take(path, LONG);
  await expect(TicketLock.take(path, 0)).rejects.toThrow(
    new RegExp(`^job: process ${process.pid} on .+ has been writing it for 0 s$`),
  );
  expect(await lock.commit(bytes('new'))).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(directory)).toEqual(['job.json']);
  await (await TicketLock.take(path, 0)).release();
  expect(readdirSync(directory)).toEqual(['job.json']);
});

it('of a process that was killed is free at once, and what it left is gone', async () => {
  const { directory, path } = ticket();
  const holder = spawn(process.execPath, ['--conditions=source', holding, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(TicketLock.take(path, 0)).rejects.toThrow(TicketBusyError);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(await (await TicketLock.take(path, 0)).commit(bytes('next'))).toBe(true);
  expect(readdirSync(directory)).toEqual(['job.json']);
});

it('of another machine is free only when it is old', async () => {
  const { path, holder } = ticket();
  await TicketLock.take(path, LONG);
  const elsewhere = moveElsewhere(holder());
  await expect(TicketLock.take(path, 0)).rejects.toThrow(' on elsewhere ');
  const old = (Date.now() - STALE_AFTER - 5_000) / 1_000;
  utimesSync(elsewhere, old, old);
  await (await TicketLock.take(path, 0)).release();
});

it('that was taken away can write nothing any more, and lets go of nothing of another', async () => {
  const { path, lock, holder } = ticket();
  const first = await TicketLock.take(path, LONG);
  unlinkSync(holder()); // as whoever thinks it dead
  const second = await TicketLock.take(path, 0);
  expect(await first.commit(bytes('first'))).toBe(false);
  await first.release();
  expect(existsSync(lock)).toBe(true);
  expect(await second.commit(bytes('second'))).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('second');
});

it('that was taken away while it wrote leaves the ticket alone', async () => {
  const { path, holder } = ticket();
  await (await TicketLock.take(path, LONG)).commit(bytes('before'));
  const first = await TicketLock.take(path, LONG);
  const writing = first.commit(Buffer.alloc(32 * 1024 * 1024, 'x'));
  const name = holder();
  while (statSync(name).size === 0) await setImmediate();
  unlinkSync(name);
  expect(await writing).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('before');
});

it('asks last whether it is still due, when all is ready on disk', async () => {
  const { directory, path, holder } = ticket();
  const lock = await TicketLock.take(path, LONG);
  let ready = '';
  const isDue = async () => {
    ready = readFileSync(holder(), 'utf8');
    return false;
  };
  expect(await lock.commit(bytes('new'), { isDue })).toBe(false);
  expect(ready).toBe('new');
  await lock.release();
  expect(readdirSync(directory)).toEqual([]);
});

it('takes the file of another for its own draft not even if that has its inode', async () => {
  const { directory, path, holder } = ticket();
  await (await TicketLock.take(path, LONG)).commit(bytes('before'));
  const lock = await TicketLock.take(path, LONG);
  const isDue = async () => {
    const draft = holder();
    const { ino } = statSync(draft);
    unlinkSync(draft); // as whoever thinks us dead, and writes next
    // A file system gives the number of a file that is gone to one that follows soon, if not to the very next.
    for (let n = 0; n < 200; n++) {
      const next = join(directory, `next-${n}`);
      writeFileSync(next, 'theirs');
      if (statSync(next).ino !== ino) continue;
      renameSync(next, path);
      break;
    }
    return true;
  };
  expect(await lock.commit(bytes('ours'), { isDue })).toBe(false);
});

/** Whoever looks at the time finds that it has flown. */
function hastenTime(): void {
  let now = performance.now();
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => (now += 500));
  onTestFinished(() => spy.mockRestore());
}

it('of a process here that is stopped blocks nobody for longer than that of another machine', async () => {
  const { path } = ticket();
  const first = await TicketLock.take(path, LONG);
  hastenTime();
  const second = await TicketLock.take(path, 2 * STALE_AFTER);
  expect(await first.commit(bytes('first'))).toBe(false);
  expect(await second.commit(bytes('second'))).toBe(true);
});

it('is as old as it is held, however long its holder waited for it', async () => {
  const { directory, path, holder } = ticket();
  const first = await TicketLock.take(path, LONG);
  const second = TicketLock.take(path, LONG);
  const waiting = () => readdirSync(directory).find((name) => name.startsWith('.lock-'));
  const draft = await vi.waitUntil(() => {
    const own = waiting();
    return own === undefined
      ? undefined
      : readdirSync(join(directory, own)).map((name) => join(directory, own, name))[0];
  }, PATIENCE);
  const old = (Date.now() - 2 * STALE_AFTER) / 1_000;
  utimesSync(draft, old, old);
  hastenTime();
  await vi.waitUntil(() => statSync(draft).mtimeMs > Date.now() - STALE_AFTER, PATIENCE);
  await first.release();
  await second;
  expect(statSync(holder()).mtimeMs).toBeGreaterThan(Date.now() - STALE_AFTER);
});

it('is open to whoever may write in the directory', async () => {
  const { directory, path, lock } = ticket();
  chmodSync(directory, 0o770);
  await TicketLock.take(path, LONG);
  expect(statSync(lock).mode & 0o777).toBe(0o770);
});

it('that another machine never took is swept an hour later, by the clock of the file system', async () => {
  const { directory } = ticket();
  const left = `.lock-${'a'.repeat(24)}.7.7.0123456789abcdef.elsewhere`;
  mkdirSync(join(directory, left));
  const hours = (ago: number) => Date.now() / 1_000 - ago * 3_600;
  utimesSync(join(directory, left), hours(3), hours(3));
  utimesSync(directory, hours(3), hours(3)); // our clock runs ahead
  await sweepLocks(directory, [left]);
  expect(readdirSync(directory)).toEqual([left]);
  utimesSync(directory, hours(1), hours(1));
  await sweepLocks(directory, [left]);
  expect(readdirSync(directory)).toEqual([]);
});

it('is swept when nobody holds it, and only then', async () => {
  const { directory, path, holder } = ticket();
  const held = await TicketLock.take(path, LONG);
  const name = basename(holder());
  const alive = `.lock-${name.replace(/^\w{24}/, 'a'.repeat(24))}`;
  mkdirSync(join(directory, alive)); // of one that waits, or is about to
  const gone = name.replace(`.${process.pid}.`, `.${2 ** 22 - 1}.`);
  mkdirSync(join(directory, `.lock-${gone}`));
  writeFileSync(join(directory, `.lock-${gone}`, gone), '');
  mkdirSync(join(directory, `.lock-${gone}.killed-sooner`));
  for (const left of ['.empty.lock', '.dead.lock']) mkdirSync(join(directory, left));
  writeFileSync(join(directory, '.dead.lock', gone), '');
  await sweepLocks(directory, readdirSync(directory));
  expect(readdirSync(directory).sort()).toEqual(['.job.lock', alive]);
  await held.release();
});
