import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/workplace.ts';
import { FileLock, lockHolder, STALE_AFTER } from './file-lock.ts';

const taking = new URL('../testing/locking-process.ts', import.meta.url).pathname;

describe('a file lock', () => {
  it('is held by one, told by name, and free after release', () => {
    const path = join(temporaryDirectory(), 'lock');
    const lock = FileLock.take(path);
    expect(lock).toBeDefined();
    expect(FileLock.take(path)).toBeUndefined();
    expect(lockHolder(path)).toContain(`process ${process.pid}`);
    lock?.release();
    expect(FileLock.take(path)).toBeDefined();
  });

  it('of a process that was killed is free at once', async () => {
    const path = join(temporaryDirectory(), 'lock');
    const holder = spawn(process.execPath, ['--conditions=source', taking, path, 'hold'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    expect(FileLock.take(path)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(FileLock.take(path)).toBeDefined();
  });

  it('of a process number that belongs to somebody else by now is free', () => {
    const path = join(temporaryDirectory(), 'lock');
    FileLock.take(path);
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...holder, born: 'an earlier boot:1' }));
    expect(FileLock.take(path)).toBeDefined();
  });

  it('of another machine is free only when it was not refreshed for long', () => {
    const path = join(temporaryDirectory(), 'lock');
    FileLock.take(path);
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...holder, host: 'elsewhere', pid: 1 }));
    expect(FileLock.take(path)).toBeUndefined();
    const old = new Date(Date.now() - STALE_AFTER - 5_000);
    utimesSync(path, old, old);
    expect(FileLock.take(path)).toBeDefined();
  });

  it('taken over by another is neither refreshed nor released by its first holder', () => {
    const path = join(temporaryDirectory(), 'lock');
    const lock = FileLock.take(path);
    writeFileSync(path, 'of another');
    lock?.refresh();
    lock?.release();
    expect(readFileSync(path, 'utf8')).toBe('of another');
  });

  it('that a dead process left is taken by one of many', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'lock');
    for (let round = 0; round < 3; round++) {
      writeFileSync(path, JSON.stringify({ ...deadHolder(path), nonce: round }));
      const answers = await Promise.all(Array.from({ length: 4 }, () => takeInProcess(path)));
      // Each holds it for a moment and lets go: nobody may have held it together with another.
      expect(answers.join('')).toContain('alone');
      expect(answers.join('')).not.toContain('together');
      expect(existsSync(path)).toBe(false);
    }
    expect(readdirSync(directory).filter((name) => name.startsWith('lock'))).toEqual([]);
  });
});

async function takeInProcess(path: string): Promise<string> {
  const taker = spawn(process.execPath, ['--conditions=source', taking, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  taker.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await once(taker, 'close');
  return printed;
}

function deadHolder(path: string): object {
  FileLock.take(path)?.release();
  const lock = FileLock.take(path);
  const holder = JSON.parse(readFileSync(path, 'utf8'));
  lock?.release();
  return { ...holder, pid: 2 ** 22 - 1, born: 'gone' };
}
