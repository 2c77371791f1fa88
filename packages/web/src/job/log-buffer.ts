import type { JobEvent } from '@daybook/core';

/** More lines than these are not kept at once; the oldest go first, and can be loaded again. */
const keptLines = 50_000;

/**
 * The lines of a log as far as they are known, ordered and without doubles whatever order they came in: pages of the
 * past, the tail that is loaded again after a break, and lines of the stream. Immutable.
 */
export class LogBuffer {
  readonly lines: readonly JobEvent[];
  /** How many lines went in before the first one of the buffer that this one was made of: the view moves by them. */
  readonly prepended: number;

  constructor(lines: readonly JobEvent[] = [], prepended = 0) {
    this.lines = lines;
    this.prepended = prepended;
  }

  /** Adds lines in any order. */
  with(more: readonly JobEvent[]): LogBuffer {
    if (more.length === 0) return this;
    const sorted = [...more].sort((a, b) => a.id - b.id);
    const [first, last] = [this.lines[0], this.lines.at(-1)];
    if (!first || !last) return new LogBuffer(sorted);
    const before = sorted.filter((line) => line.id < first.id);
    const after = sorted.filter((line) => line.id > last.id);
    if (before.length + after.length === 0) return this;
    const all = [...before, ...this.lines, ...after];
    const dropped = before.length > 0 ? 0 : Math.max(0, all.length - keptLines);
    return new LogBuffer(dropped > 0 ? all.slice(dropped) : all, before.length - dropped);
  }

  /**
   * Takes the newest lines as they are stored now. If they do not reach back to what is known, something is missing
   * between the two, and only the new ones are kept.
   */
  withTail(tail: readonly JobEvent[], tailIsAll: boolean): LogBuffer {
    const newest = this.lines.at(-1);
    const oldestOfTail = tail.reduce((id, line) => Math.min(id, line.id), Number.POSITIVE_INFINITY);
    const connects = tailIsAll || !newest || oldestOfTail <= newest.id;
    return connects ? this.with(tail) : new LogBuffer().with(tail);
  }
}
