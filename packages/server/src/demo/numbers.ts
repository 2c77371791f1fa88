import type { Random } from './random.ts';

/** Where the external numbers of each source stand when the month begins. */
const starts: Readonly<Record<string, number>> = {
  cluster: 1_233_350,
  imports: 4_180,
  archive: 8_816,
  automation: 51_300,
};

/** External numbers, as schedulers give them: they grow, with gaps, because others submit jobs too. */
export class Numbers {
  readonly #random: Random;
  readonly #last = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  next(source: string): string {
    const last = this.#last.get(source) ?? starts[source] ?? 0;
    const next = last + this.#random.whole(1, source === 'cluster' ? 10 : 2);
    this.#last.set(source, next);
    return String(next);
  }
}
