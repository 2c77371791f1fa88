import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fingerprint } from '../scripts/fingerprint.ts';
import { underLock } from '../scripts/lock.ts';

describe('the fingerprint of the sources', () => {
  function makeSources(): string {
    const root = mkdtempSync(join(tmpdir(), 'daybook-sources-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    for (const folder of ['src', 'dist']) mkdirSync(join(root, 'packages/core', folder), { recursive: true });
    writeFileSync(join(root, 'packages/core/src/a.ts'), 'export const a = 1;');
    return root;
  }

  test('changes with a source, a new file and a touched file', () => {
    const root = makeSources();
    const source = join(root, 'packages/core/src/a.ts');
    const seen = [fingerprint(root)];
    expect(fingerprint(root)).toBe(seen[0]);
    writeFileSync(source, 'export const a = 22;');
    seen.push(fingerprint(root));
    writeFileSync(join(root, 'packages/core/src/b.ts'), '');
    seen.push(fingerprint(root));
    utimesSync(source, 1, 1);
    seen.push(fingerprint(root));
    rmSync(source);
    seen.push(fingerprint(root));
    expect(new Set(seen).size).toBe(5);
  });

  test('does not change with tests and outputs', () => {
    const root = makeSources();
    const before = fingerprint(root);
    writeFileSync(join(root, 'packages/core/src/a.test.ts'), '');
    writeFileSync(join(root, 'packages/core/dist/a.js'), '');
    expect(fingerprint(root)).toBe(before);
  });
});

describe('the lock', () => {
  test('lets one in after the other, faults included', async () => {
    let inside = 0;
    const one = () =>
      underLock('tests: one after the other', async () => {
        inside += 1;
        const alone = inside === 1;
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        if (!alone) throw new Error('two at once');
        return alone;
      });
    expect(await Promise.all([one(), one(), one()])).toEqual([true, true, true]);
    await expect(underLock('tests: faults', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await underLock('tests: faults', async () => 'free')).toBe('free');
  });

  test('is free again when its holder was killed', async () => {
    const script = `import { underLock } from './scripts/lock.ts';
      await underLock('tests: killed', () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const next = underLock('tests: killed', async () => 'mine');
    holder.kill('SIGKILL');
    expect(await next).toBe('mine');
  });
});
