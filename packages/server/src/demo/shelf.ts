import type { Random } from './random.ts';
import type { Story } from './story.ts';
import type { Study } from './studies.ts';
import { meetsLimits, nextVariant, type Variant } from './variants.ts';
import { type Dataset, datasets, simulation, type Ticket, type Work } from './work.ts';

/** What the team has at hand while the month is planned: its earlier runs to vary, and the datasets nobody is at. */
export class Shelf {
  readonly #random: Random;
  readonly #runs = new Map<Study, { variant: Variant; endsAt: number; isUsable: boolean }[]>();
  readonly #tried = new Set<string>();
  readonly #serials = new Map<Study, number>();
  /** When the last import of a dataset ends, and whether it was ever imported. */
  readonly #datasets = new Map<Dataset, { freeAt: number; isKnown: boolean }>();

  constructor(random: Random) {
    this.#random = random;
  }

  simulation(study: Study, ticket: Ticket): { work: Work; variant: Variant } {
    const serial = (this.#serials.get(study) ?? 0) + 1;
    this.#serials.set(study, serial);
    const variant = this.#variant(study, serial, ticket);
    return { work: simulation(variant, ticket, this.#random), variant };
  }

  /** Something that was not tried yet, if a few looks find it. */
  #variant(study: Study, serial: number, { externalId, submittedAt }: Ticket): Variant {
    let variant: Variant;
    let looks = 0;
    do {
      variant = nextVariant(study, serial, externalId, this.#baseFor(study, submittedAt), this.#random);
      looks += 1;
    } while (this.#tried.has(wordsOf(variant)) && looks < 8);
    this.#tried.add(wordsOf(variant));
    return variant;
  }

  keep(variant: Variant, { outcome, endsAt }: Story): void {
    const isUsable = outcome === 'succeeded' || outcome === 'finished';
    const runs = this.#runs.get(variant.study) ?? [];
    this.#runs.set(variant.study, [...runs, { variant, endsAt, isUsable }]);
  }

  /** Mostly the latest run that met all requirements, sometimes another of the last ones. */
  #baseFor(study: Study, now: number): Variant | undefined {
    const runs = this.#runs.get(study) ?? [];
    const known = runs
      .filter(({ isUsable, endsAt }) => isUsable && endsAt < now)
      .map(({ variant }) => variant);
    // While the reference still runs, the first variants are built on it all the same.
    if (known.length === 0) return runs[0]?.variant;
    const good = known.filter(meetsLimits).slice(-4);
    return this.#random.pick(good.length > 0 && this.#random.chance(0.85) ? good : known.slice(-6));
  }

  /** A dataset that nobody imports at that moment. */
  takeDataset(
    now: number,
  ):
    | { dataset: Dataset; operation: 'ADD' | 'CHANGE'; free(story: Pick<Story, 'endsAt' | 'outcome'>): void }
    | undefined {
    const free = datasets.filter((each) => (this.#datasets.get(each)?.freeAt ?? 0) < now);
    if (free.length === 0) return undefined;
    const dataset = this.#random.pick(free);
    const isKnown = this.#datasets.get(dataset)?.isKnown ?? false;
    return {
      dataset,
      operation: isKnown ? 'CHANGE' : 'ADD',
      free: ({ endsAt, outcome }) =>
        this.#datasets.set(dataset, { freeAt: endsAt, isKnown: isKnown || outcome === 'succeeded' }),
    };
  }
}

function wordsOf({ study, values }: Variant): string {
  return `${study.folder} ${JSON.stringify(values)}`;
}
