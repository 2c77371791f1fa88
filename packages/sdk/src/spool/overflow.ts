/** Lines that the disk does not take, oldest first, up to a number of bytes. */
export class Overflow {
  bytes = 0;
  #lines: string[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** False if there is no room for it. */
  push(line: string): boolean {
    const bytes = sizeOf(line);
    if (this.bytes + bytes > this.#most) return false;
    this.#lines.push(line);
    this.bytes += bytes;
    return true;
  }

  first(count: number): readonly string[] {
    return this.#lines.slice(0, count);
  }

  dropFirst(count: number): void {
    for (const line of this.#lines.splice(0, count)) this.bytes -= sizeOf(line);
  }
}

function sizeOf(line: string): number {
  return Buffer.byteLength(line) + 1;
}
