import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RealServer } from '../bed/real-server.ts';
import { bundleWorker } from './bundle-worker.ts';

const script = await bundleWorker();

/** A worker in a process of its own. */
export class CrewMember {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  #news = Promise.withResolvers<void>();
  /** What it said on stderr. */
  complaints = '';

  constructor(server: RealServer, name: string, longest: number) {
    this.name = name;
    const { PATH, HOME } = process.env;
    this.#process = spawn(process.execPath, [script, name, String(longest)], {
      env: { PATH, HOME, DAYBOOK_URL: server.url, DAYBOOK_API_KEY: server.key },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let begun = '';
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (begun + text).split('\n');
      begun = lines.pop() ?? '';
      this.#lines.push(...lines.filter(Boolean));
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
  }

  get lives(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Resolves once it has printed a line that begins so; answers the line. */
  async printed(beginning: string): Promise<string> {
    for (;;) {
      const found = this.#lines.find((line) => line.startsWith(beginning));
      if (found !== undefined) return found;
      await this.#news.promise;
    }
  }

  /** SIGSTOP: to the server it is as if the network were cut. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.lives) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill(signal);
    await gone;
  }
}
