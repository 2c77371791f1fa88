import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/workplace.ts';
import { lockHolder } from './file-lock.ts';
import { Journal, lockPath } from './journal.ts';

const header = { spool: 1, id: 'one', url: 'http://x/api/v1', create: { name: 'x' } } as const;
const event = (n: number, padding = '') =>
  JSON.stringify({ kind: 'log', message: `${n}${padding}`, key: `one-${n}` });

/** Leaves a journal as a killed process does: the file stays, and nobody holds the lock. */
function abandon(journal: Journal): void {
  const content = readFileSync(journal.path);
  journal.close();
  writeFileSync(journal.path, content);
}

async function drain(journal: Journal): Promise<string[]> {
  const all: string[] = [];
  for (let lines = await journal.peek(100); lines.length > 0; lines = await journal.peek(100)) {
    all.push(...lines);
    journal.advance();
  }
  return all;
}

describe('a journal', () => {
  it('gives its events in order and is gone when all were delivered', async () => {
    const journal = Journal.create(temporaryDirectory(), header);
    journal.append([event(1), event(2)]);
    journal.setJobId(7);
    journal.append([event(3)]);
    expect(await drain(journal)).toEqual([event(1), event(2), event(3)]);
    expect(journal.unsentBytes).toBe(0);
    journal.close();
    expect(existsSync(journal.path)).toBe(false);
    expect(lockHolder(lockPath(journal.path))).toBeUndefined();
  });

  it('gives what was not confirmed again', async () => {
    const journal = Journal.create(temporaryDirectory(), header);
    journal.append([event(1), event(2)]);
    expect(await journal.peek(1)).toEqual([event(1)]);
    expect(await journal.peek(1)).toEqual([event(1)]);
    journal.advance();
    expect(await journal.peek(1)).toEqual([event(2)]);
  });

  it('is taken over where it was left, with its job', async () => {
    const journal = Journal.create(temporaryDirectory(), header);
    journal.append([event(1), event(2)]);
    journal.setJobId(7);
    await journal.peek(1);
    journal.advance();
    expect(Journal.takeOver(journal.path)).toBeUndefined();
    abandon(journal);
    expect(Journal.inspect(journal.path)).toMatchObject({ header: { jobId: 7 }, events: 1 });
    const taken = Journal.takeOver(journal.path) as Journal;
    expect(taken.jobId).toBe(7);
    expect(await drain(taken)).toEqual([event(2)]);
    taken.close();
    expect(existsSync(taken.path)).toBe(false);
  });

  it('is taken over where it was left, wherever it had made itself smaller', async () => {
    const padding = 'x'.repeat(2_000);
    const events = Array.from({ length: 6_000 }, (_, n) => event(n, padding));
    const directory = temporaryDirectory();
    let compacted = 0;
    for (const batches of [29, 30, 31, 32, 45, 46, 47, 60]) {
      const journal = Journal.create(directory, { ...header, id: `left-after-${batches}` });
      journal.setJobId(7);
      journal.append(events.slice(0, 3_000));
      journal.append(events.slice(3_000));
      const whole = statSync(journal.path).size;
      for (let n = 0; n < batches; n++) {
        await journal.peek(100);
        journal.advance();
      }
      if (statSync(journal.path).size < whole) compacted += 1;
      abandon(journal);
      const taken = Journal.takeOver(journal.path) as Journal;
      expect(await drain(taken)).toEqual(events.slice(batches * 100));
      taken.close();
      expect(existsSync(taken.path)).toBe(false);
    }
    expect(compacted).toBeGreaterThan(2);
  });

  it('is readable however its writer was cut off', async () => {
    const directory = temporaryDirectory();
    const journal = Journal.create(directory, header);
    journal.append([event(1)]);
    const firstTwo = statSync(journal.path).size;
    journal.append([event(2)]);
    const whole = readFileSync(journal.path);
    abandon(journal);
    for (let size = whole.length; size >= 0; size--) {
      writeFileSync(journal.path, whole.subarray(0, size));
      const taken = Journal.takeOver(journal.path);
      if (taken === undefined) {
        expect(existsSync(journal.path)).toBe(false);
        continue;
      }
      const expected = size === whole.length ? [event(1), event(2)] : size >= firstTwo ? [event(1)] : [];
      expect(await drain(taken)).toEqual(expected);
      taken.close();
    }
    expect(Journal.takeOver(journal.path)).toBeUndefined();
  });

  it('passes over what is no event: a disk that lost power', async () => {
    const journal = Journal.create(temporaryDirectory(), header);
    journal.append([event(1)]);
    abandon(journal);
    appendFileSync(journal.path, `\0\0\0\0\n{"kind":"log","mess\n[]\n${event(2)}\n`);
    expect(await drain(Journal.takeOver(journal.path) as Journal)).toEqual([event(1), event(2)]);
  });

  it('does not grow with what was delivered', async () => {
    const journal = Journal.create(temporaryDirectory(), header);
    const delivered: string[] = [];
    for (let n = 0; n < 200; n++) {
      journal.append([event(n, 'x'.repeat(100_000))]);
      delivered.push(...(await journal.peek(1)));
      journal.advance();
    }
    expect(delivered).toHaveLength(200);
    expect(new Set(delivered).size).toBe(200);
    expect(statSync(journal.path).size).toBeLessThan(5_000_000);
    journal.append([event(200)]);
    abandon(journal);
    expect(await drain(Journal.takeOver(journal.path) as Journal)).toEqual([event(200)]);
  });

  it('keeps events larger than it reads at once', async () => {
    const journal = Journal.create(temporaryDirectory(), header);
    const large = [event(1, 'x'.repeat(3_000_000)), event(2)];
    journal.append(large);
    expect(await drain(journal)).toEqual(large);
  });

  it('lives in memory where there is no directory to write', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const journal = Journal.create(file, header);
    expect(journal.diskError).toBeDefined();
    journal.append([event(1), event(2)]);
    expect(await journal.peek(1)).toEqual([event(1)]);
    journal.append([event(3)]);
    journal.advance();
    expect(await drain(journal)).toEqual([event(2), event(3)]);
    expect(journal.unsentBytes).toBe(0);
  });

  it('keeps in memory what a full disk refuses, whole and in order', () => {
    const script = new URL('../testing/full-disk-process.ts', import.meta.url).pathname;
    // A limit of 20 KiB per file stands for the disk: the write that crosses it is cut short, the next ones fail.
    const words = ['-c', 'ulimit -f 20; exec "$0" --conditions=source "$1" "$2"', process.execPath, script];
    const { stdout } = spawnSync('bash', [...words, temporaryDirectory()], { encoding: 'utf8' });
    const keys = Array.from({ length: 1_000 }, (_, n) => `${n}`);
    expect(JSON.parse(stdout)).toEqual({ code: 'EFBIG', lost: 0, keys });
  });

  it('keeps on a full disk what is no log line when its process ends', () => {
    const script = new URL('../testing/full-disk-process.ts', import.meta.url).pathname;
    const words = [
      '-c',
      'ulimit -f 20; exec "$0" --conditions=source "$1" "$2" end',
      process.execPath,
      script,
    ];
    const { stdout } = spawnSync('bash', [...words, temporaryDirectory()], { encoding: 'utf8' });
    const { path, lost } = JSON.parse(stdout);
    const kept = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
    expect(JSON.parse(kept.at(-1) as string)).toEqual({ kind: 'status', status: 'succeeded', key: 'end' });
    expect(kept.length).toBeGreaterThan(10);
    expect(lost).toBe(1_001 - kept.length);
  });

  it('lives in memory where no directory can be made, and says so at once', async () => {
    // Node's own way to make it would never come back from there.
    const journal = Journal.create('/proc/no/spool', header);
    expect(journal.diskError).toBeDefined();
    journal.append([event(1)]);
    expect(await drain(journal)).toEqual([event(1)]);
  });

  it('says what it lost when memory is full too', () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const journal = Journal.create(file, header);
    for (let n = 0; n < 100; n++) journal.append([event(n, 'x'.repeat(100_000))]);
    expect(journal.lost).toBeGreaterThan(10);
    expect(journal.unsentBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
  });
});
