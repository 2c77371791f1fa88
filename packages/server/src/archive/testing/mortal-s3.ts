import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./s3-process.ts', import.meta.url));

/** A real S3 server that can be killed and comes back with what it had, at the same address. */
export class MortalS3 {
  /** Made by the first start: tests that are not run have none. */
  #directory: string | undefined;
  #process: ChildProcess | undefined;
  #port = 0;

  async start(): Promise<void> {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'daybook-mortal-s3-'));
    const child = fork(script, [this.#directory, String(this.#port)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process = child;
    [this.#port] = (await once(child, 'message')) as [number];
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Settings of an archive in it. */
  get flags(): Record<string, string> {
    return {
      archive: 's3://archive/trouble',
      archiveEndpoint: `http://127.0.0.1:${this.#port}`,
      archiveAccessKey: 'S3RVER',
      archiveSecretKey: 'S3RVER',
    };
  }

  async remove(): Promise<void> {
    await this.kill();
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
  }
}
