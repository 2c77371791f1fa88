import { clearLine, cursorTo } from 'node:readline';
import { formatBytes, formatDuration, formatRate, translator } from '@daybook/core';
import { columnsOf, type Terminal, tell } from '../terminal/terminal.ts';
import { cutToWidth } from '../terminal/text-width.ts';

/** How often the line is drawn anew, and how often it is told where nobody can draw, milliseconds. */
const DRAWN = 200;
const TOLD = 10_000;
/** The rate is that of so long, milliseconds. */
const WINDOW = 10_000;
const WIDTH = 24;

const t = translator('en');

/** One line about bytes on their way: a bar, how many, how fast, how long still. On stderr; plain lines in a log. */
export class TransferLine {
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #now: () => number;
  #shownAt = Number.NEGATIVE_INFINITY;
  #seen: { readonly at: number; readonly bytes: number }[] = [];

  constructor(terminal: Terminal, label: string, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#label = label;
    this.#now = now;
  }

  show(bytes: number, size: number): void {
    const { stderr } = this.#terminal;
    const now = this.#now();
    this.#seen.push({ at: now, bytes });
    this.#seen = this.#seen.filter(({ at }, i) => at >= now - WINDOW || i === this.#seen.length - 1);
    const isDone = bytes >= size;
    if (!isDone && now - this.#shownAt < (stderr.isTTY ? DRAWN : TOLD)) return;
    this.#shownAt = now;
    const text = this.text(bytes, size);
    if (!stderr.isTTY) {
      tell(this.#terminal, `daybook: ${text}`);
      return;
    }
    clearLine(stderr, 0);
    cursorTo(stderr, 0);
    stderr.write(cutToWidth(text, (columnsOf(stderr) ?? 80) - 1));
  }

  /** As it is shown. */
  text(bytes: number, size: number): string {
    const part = size === 0 ? 1 : bytes / size;
    const full = Math.round(part * WIDTH);
    const bar = '▓'.repeat(full) + '░'.repeat(WIDTH - full);
    const rate = this.#rate();
    const left =
      rate > 0 && bytes < size ? `, ${formatDuration(((size - bytes) / rate) * 1_000, t)} left` : '';
    const speed = rate > 0 ? ` at ${formatRate(rate, t)}` : '';
    return `${this.#label} ${bar} ${Math.floor(part * 100)} % of ${formatBytes(size, t)}${speed}${left}`;
  }

  /** Leaves the line, so that others can write. */
  end(): void {
    if (this.#terminal.stderr.isTTY && this.#shownAt > Number.NEGATIVE_INFINITY)
      this.#terminal.stderr.write('\n');
  }

  #rate(): number {
    const [first] = this.#seen;
    const last = this.#seen.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 300) return 0;
    return Math.max(0, ((last.bytes - first.bytes) * 1_000) / (last.at - first.at));
  }
}
