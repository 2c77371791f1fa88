import type { Readable, Writable } from 'node:stream';

export interface OutputTap {
  push(bytes: Buffer): void;
  end(): void;
}

/**
 * What is read at once when the command has ended, however slow our reader is: more than a pipe holds, so that the record
 * has all that the command wrote, but no more of what goes on writing.
 */
const REST = 1024 * 1024;

/** One stream of a command on its way to our own, byte by byte as it comes; the tap sees it too. */
export class Passage {
  /** Nobody can write to it any more, and all that was written has been read. */
  readonly closed: Promise<void>;
  /** And all of it has been written on. */
  readonly passed: Promise<void>;
  readonly #source: Readable;
  #tap: OutputTap | undefined;
  #rest = 0;
  #unsent = 0;
  #isClosed = false;
  #settle = () => {};

  /** When the reader of our output goes away (`| head`), `onBroken` is called, and nothing more is read. */
  constructor(source: Readable, sink: Writable, tap: OutputTap, onBroken: () => void) {
    this.#source = source;
    this.#tap = tap;
    const resume = () => source.resume();
    const giveUp = () => {
      onBroken();
      source.destroy();
    };
    sink.on('drain', resume);
    sink.on('error', giveUp);
    source.on('data', (bytes: Buffer) => this.#pass(bytes, sink));
    source.on('error', () => {});
    this.closed = new Promise((resolve) => {
      source.on('close', () => {
        sink.off('drain', resume);
        sink.off('error', giveUp);
        // What comes after (our own words on stderr) may meet the same closed pipe.
        sink.on('error', () => {});
        this.endTap();
        this.#isClosed = true;
        this.#settle();
        resolve();
      });
    });
    this.passed = new Promise((resolve) => {
      this.#settle = () => {
        if (this.#isClosed && this.#unsent === 0) resolve();
      };
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The command has ended: its record need not wait for our reader. */
  readRest(): void {
    this.#rest = REST;
    this.#source.resume();
  }

  /** The record is whole; what still comes passes without it. */
  endTap(): void {
    this.#tap?.end();
    this.#tap = undefined;
  }

  destroy(): void {
    this.#source.destroy();
  }

  #pass(bytes: Buffer, sink: Writable): void {
    this.#unsent += 1;
    const more = sink.write(bytes, () => {
      this.#unsent -= 1;
      this.#settle();
    });
    this.#rest = Math.max(0, this.#rest - bytes.length);
    if (!more && this.#rest === 0) this.#source.pause();
    this.#tap?.push(bytes);
  }
}
