import { isEnded, type JobSummary } from '@daybook/core';
import { jobDuration, jobStatusText, statusStyle } from './job-words.ts';
import { type Column, tableLines } from './table.ts';
import { paint, type Terminal } from './terminal.ts';
import { printable } from './text-width.ts';

const FRAME = 100;

/** Jobs in a terminal, each a line that changes in place; of more than fit, those that run and the newest. */
export class JobBoard {
  readonly #terminal: Terminal;
  readonly #jobs = new Map<number, JobSummary>();
  #drawn = 0;
  #dirty = false;
  #ticks = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.#tick(), FRAME);
  }

  job(job: JobSummary): void {
    this.#jobs.set(job.id, job);
    this.#dirty = true;
  }

  log(): void {
    // The board has no room for it.
  }

  close(): void {
    clearInterval(this.#timer);
    this.#draw();
  }

  /** Durations of running jobs tick by the second. */
  #tick(): void {
    this.#ticks += 1;
    if (this.#dirty || this.#ticks % 10 === 0) this.#draw();
  }

  #draw(): void {
    this.#dirty = false;
    const { stdout } = this.#terminal;
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '';
    const lines = this.#lines();
    stdout.write(`${up}\r\x1b[J${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  #lines(): string[] {
    const { stdout } = this.#terminal;
    const room = Math.max(1, (stdout.rows || 24) - 2);
    const jobs = [...this.#jobs.values()].sort(
      (a, b) => Number(isEnded(b.status)) - Number(isEnded(a.status)) || a.id - b.id,
    );
    const now = Date.now();
    const columns: Column<JobSummary>[] = [
      { title: '', value: (job) => String(job.id), align: 'right' },
      { title: '', value: (job) => printable(job.name), flexible: true },
      {
        title: '',
        value: (job) => printable(jobStatusText(job)),
        paint: (text, job) => paint(stdout, statusStyle(job.status), text),
      },
      { title: '', value: (job) => jobDuration(job, now), align: 'right' },
    ];
    return tableLines(columns, jobs.slice(-room), (stdout.columns || 80) - 1).slice(1);
  }
}
