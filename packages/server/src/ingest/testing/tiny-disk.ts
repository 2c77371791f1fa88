import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own for a folder: memory of so many MiB, mounted. Only root may do that, and not in every container. */
export class TinyDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Undefined where it may not be mounted. */
  static mount(mebibytes: number): TinyDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'daybook-tiny-'));
    try {
      const options = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path];
      execFileSync('mount', options, { stdio: 'ignore' });
      return new TinyDisk(path);
    } catch {
      rmSync(path, { recursive: true });
      return undefined;
    }
  }

  resize(mebibytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${mebibytes}m`, this.path], { stdio: 'ignore' });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.path], { stdio: 'ignore' });
    rmSync(this.path, { recursive: true, force: true });
  }
}
