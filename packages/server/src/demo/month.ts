import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobCreate, JobPatch } from '@daybook/core';
import { type Annotation, annotationOf } from './annotations.ts';
import { DAY, dailyMoments, HOUR, MINUTE, workingMoment } from './calendar.ts';
import { Numbers } from './numbers.ts';
import { Random } from './random.ts';
import type { Recipe } from './recipe.ts';
import { bundleIngest, datasetImport, surrogateTraining } from './recipes/index.ts';
import { Shelf } from './shelf.ts';
import { type Detail, dense, type Outcome, type Story, sparse, storyOf, type Told } from './story.ts';
import { type Study, studies, studyIn } from './studies.ts';
import type { Variant } from './variants.ts';
import {
  backup,
  firstJob,
  importOf,
  ingest,
  report,
  silentExport,
  type Ticket,
  training,
  type Work,
} from './work.ts';

/** A job of the month, with everything that has been said about it until now. */
export interface PlannedJob {
  readonly create: JobCreate;
  readonly recipe: Recipe;
  readonly told: readonly Told[];
  /** What its owner has written within the last days: an edit of its own, so that the history shows it. */
  readonly edit: JobPatch | undefined;
  readonly state: 'ended' | 'active' | 'silent';
}

/** How long ago the month begins, and when what runs now takes over from what was. */
const MONTH = 30 * DAY;
const LATELY = 5 * HOUR;
/** Jobs that are planned before others have their turn. */
const PER_TURN = 20;

/**
 * Plans the month of a team up to `now`: the same seed and the same `now` give the same month. Lets others have their
 * turn meanwhile: the server answers already.
 */
export async function planMonth(now: number, seed: string): Promise<PlannedJob[]> {
  const month = new Month(now, seed);
  return [...(await month.past()), ...month.present()].sort((a, b) => submitted(a) - submitted(b));
}

function submitted({ create }: PlannedJob): number {
  return create.submittedAt ?? 0;
}

/** Something that was submitted at some time. */
interface Arrival {
  readonly at: number;
  readonly source: string;
  make(ticket: Ticket): Made | undefined;
}

interface Made {
  readonly work: Work;
  readonly variant?: Variant;
  /** Called with how it went. */
  done?(story: Story): void;
}

class Month {
  readonly #now: number;
  readonly #seed: string;
  readonly #random: Random;
  readonly #numbers: Numbers;
  readonly #shelf: Shelf;

  constructor(now: number, seed: string) {
    this.#now = now;
    this.#seed = seed;
    this.#random = new Random(`${seed} month`);
    this.#numbers = new Numbers(this.#random);
    this.#shelf = new Shelf(this.#random);
  }

  async past(): Promise<PlannedJob[]> {
    const arrivals = [...this.#simulations(), ...this.#data(), ...this.#scripts()].sort(
      (a, b) => a.at - b.at,
    );
    const planned: PlannedJob[] = [];
    for (const { at, source, make } of arrivals) {
      const made = make({ externalId: this.#numbers.next(source), submittedAt: at });
      if (made !== undefined) planned.push(this.#live(made, at));
      if (planned.length % PER_TURN === 0) await nextTurn();
    }
    return planned;
  }

  #simulations(): Arrival[] {
    return studies.flatMap((study) =>
      this.#moments(study.runs).map((at) => ({
        at,
        source: study.recipe.source,
        make: (ticket: Ticket) => {
          const made = this.#shelf.simulation(study, ticket);
          return { ...made, done: (story: Story) => this.#shelf.keep(made.variant, story) };
        },
      })),
    );
  }

  #data(): Arrival[] {
    const imports = this.#moments(58).map((at) => ({
      at,
      source: datasetImport.source,
      make: (ticket: Ticket) => {
        const taken = this.#shelf.takeDataset(at);
        return taken && { work: importOf(taken.dataset, taken.operation, ticket), done: taken.free };
      },
    }));
    const ingests = this.#moments(34).map((at) => ({
      at,
      source: bundleIngest.source,
      make: (ticket: Ticket) => ({ work: ingest(ticket, this.#random) }),
    }));
    return [...imports, ...ingests];
  }

  #scripts(): Arrival[] {
    const from = this.#now - MONTH;
    const arrivals = (moments: number[], make: (ticket: Ticket) => Work): Arrival[] =>
      moments.map((at) => ({
        at,
        source: surrogateTraining.source,
        make: (ticket) => ({ work: make(ticket) }),
      }));
    return [
      ...arrivals(dailyMoments(from, this.#now, 1.5 * HOUR), backup),
      ...arrivals(
        dailyMoments(from, this.#now, 6 * HOUR, (weekday) => weekday === 1),
        report,
      ),
      ...arrivals(this.#moments(22), (ticket) => training(ticket, this.#random)),
      ...arrivals(this.#moments(24), (ticket) => firstJob(ticket, this.#random)),
    ];
  }

  #moments(count: number): number[] {
    const [from, to] = [this.#now - MONTH, this.#now - LATELY];
    return Array.from({ length: count }, () => workingMoment(from, to, this.#random));
  }

  /** Lets a job wait, run, maybe fail and be tried again, as far as time has come. */
  #live({ work, variant, done }: Made, submittedAt: number): PlannedJob {
    const startedAt = submittedAt + this.#wait(work.recipe);
    if (startedAt > this.#now) return this.#planned(work, [], 'active');
    const told: Told[] = [];
    let story = this.#tell(work, startedAt, 1, told);
    const again = story.endsAt + Math.round(this.#random.between(5 * MINUTE, 3 * HOUR));
    // Only what holds no target: a retry takes it again, and others may have it by now.
    const isTriedAgain = story.failure?.isPassing && work.create.target === undefined;
    if (isTriedAgain && again + 2 * MINUTE < this.#now && this.#random.chance(0.6)) {
      told.push(said(again, 'queued', 'retry'));
      story = this.#tell(work, again + 2 * MINUTE, 2, told);
    }
    done?.(story);
    if (story.endsAt > this.#now) return this.#planned(work, told, 'active');
    return this.#ended(work, told, story, variant);
  }

  #wait({ kind }: Recipe): number {
    const wait =
      kind === 'simulation' ? this.#random.logNormal(4 * MINUTE, 1) : this.#random.between(1_000, 6_000);
    return Math.round(wait);
  }

  #tell(work: Work, startedAt: number, attempt: number, told: Told[], detail: Detail = sparse): Story {
    const story = storyOf(work, startedAt, attempt, this.#seed);
    // The last minutes of what still runs in full, so that its log reads on without a break.
    const recently = story.endsAt > this.#now ? this.#now - 4 * MINUTE : this.#now;
    told.push(...story.between(startedAt - 1, recently, detail));
    if (recently < this.#now)
      told.push(...story.between(Math.max(recently, startedAt - 1), this.#now, dense));
    return story;
  }

  #ended(work: Work, told: Told[], story: Story, variant: Variant | undefined): PlannedJob {
    const age = this.#now - story.endsAt;
    const annotation = annotationOf({ story, create: work.create, variant, age }, this.#random);
    const corrected = story.endsAt + Math.round(this.#random.between(HOUR, 20 * HOUR));
    if (story.outcome === 'finished' && annotation.assessment === 'ok' && corrected < this.#now)
      told.push(said(corrected, 'succeeded', 'correction'));
    const isRecent = variant !== undefined && age < 3 * DAY && annotation.analysisStatus !== 'open';
    if (isRecent) return { ...this.#planned(work, told, 'ended'), edit: annotation };
    return this.#planned(work, told, 'ended', annotation);
  }

  #planned(
    { create, recipe }: Work,
    told: readonly Told[],
    state: PlannedJob['state'],
    annotation: Annotation = {},
  ): PlannedJob {
    return { create: { ...create, ...annotation }, recipe, told, edit: undefined, state };
  }

  /** What is going on right now: some nearly done, one about to fail, some waiting, some not heard of any more. */
  present(): PlannedJob[] {
    const random = this.#random;
    const running: readonly [string, number][] = [
      ['full_front_odb', 0.62],
      ['underbody_cfd', 0.48],
      ['sled_frontal_56kph', 0.61],
      ['pab_out_of_position', 0.35],
      ['biw_modes', 0.3],
      ['pab_static', 0.972],
    ];
    const queued: readonly [string, number][] = [
      ['sled_frontal_56kph', 21],
      ['pab_out_of_position', 13],
      ['full_front_odb', 8],
      ['sled_frontal_56kph', 3],
    ];
    const queue = this.#queueNow();
    const dataset = this.#takeDatasetNow();
    return [
      ...queue,
      this.#silent(4.2 * HOUR),
      this.#silent(1.6 * HOUR),
      ...running.map(([folder, share]) => this.#simulationNow(folder, 'succeeded', (takes) => takes * share)),
      this.#simulationNow('sled_frontal_56kph', 'failed', (takes) => takes - 35_000),
      this.#running(
        surrogateTraining,
        'succeeded',
        (takes) => takes * 0.55,
        (ticket) => training(ticket, random),
      ),
      this.#running(
        bundleIngest,
        'succeeded',
        (takes) => takes * 0.4,
        (ticket) => ingest(ticket, random),
      ),
      ...(dataset === undefined
        ? []
        : [
            this.#running(
              datasetImport,
              'succeeded',
              (takes) => takes * 0.3,
              (ticket) => importFrom(dataset, ticket),
            ),
          ]),
      ...queued.map(([folder, minutes]) => this.#queued(studyIn(folder), minutes * MINUTE)),
    ];
  }

  /** What the workers of the data team have done within the last minutes, and what waits for them. */
  #queueNow(): PlannedJob[] {
    const before = (minutes: number) => Math.round(this.#now - minutes * MINUTE);
    const done = [13.5, 12, 10.5, 9, 7.5, 6, 4.5].flatMap((minutes) => {
      const taken = this.#shelf.takeDataset(before(minutes));
      const imported =
        taken === undefined
          ? []
          : [this.#lately(datasetImport, before(minutes), taken.free, (ticket) => importFrom(taken, ticket))];
      return [...imported, this.#lately(bundleIngest, before(minutes + 0.7), undefined, this.#ingest)];
    });
    const waiting = [3.4, 2.3, 1.6, 0.9, 0.4].flatMap((minutes) => {
      const taken = this.#takeDatasetNow();
      const imports =
        taken === undefined ? [] : [importFrom(taken, this.#ticket(datasetImport, before(minutes)))];
      return [...imports, this.#ingest(this.#ticket(bundleIngest, before(minutes * 0.6)))];
    });
    return [...done, ...waiting.map((work) => this.#planned(work, [], 'active'))];
  }

  readonly #ingest = (ticket: Ticket) => ingest(ticket, this.#random);

  #ticket({ source }: Recipe, submittedAt: number): Ticket {
    return { externalId: this.#numbers.next(source), submittedAt };
  }

  #lately(
    recipe: Recipe,
    submittedAt: number,
    done: Made['done'] | undefined,
    make: (ticket: Ticket) => Work,
  ): PlannedJob {
    const work = make(this.#ticket(recipe, submittedAt));
    return this.#live({ work, ...(done && { done }) }, submittedAt);
  }

  /** A dataset that nobody is at, for a job that is not over yet. */
  #takeDatasetNow() {
    const taken = this.#shelf.takeDataset(this.#now);
    taken?.free({ endsAt: Number.POSITIVE_INFINITY, outcome: 'silent' });
    return taken;
  }

  #simulationNow(folder: string, outcome: Outcome, gone: (takes: number) => number): PlannedJob {
    const study = studyIn(folder);
    return this.#running(study.recipe, outcome, gone, (ticket) => this.#shelf.simulation(study, ticket).work);
  }

  /** A job that runs and will come out as wanted; `gone` says how much of the time it takes is over. */
  #running(
    recipe: Recipe,
    outcome: Outcome,
    gone: (takes: number) => number,
    make: (ticket: Ticket) => Work,
  ): PlannedJob {
    for (;;) {
      const externalId = this.#numbers.next(recipe.source);
      // How long a job takes and how it ends depends on its number alone.
      const probe = storyOf({ recipe, create: { externalId } }, 0, 1, this.#seed);
      if (probe.outcome !== outcome || gone(probe.endsAt) <= 0) continue;
      const startedAt = Math.round(this.#now - gone(probe.endsAt));
      const work = make({ externalId, submittedAt: startedAt - this.#wait(recipe) });
      const told: Told[] = [];
      this.#tell(work, startedAt, 1, told);
      return this.#planned(work, told, 'active');
    }
  }

  #queued(study: Study, ago: number): PlannedJob {
    const ticket = { externalId: this.#numbers.next('cluster'), submittedAt: this.#now - ago };
    return this.#planned(this.#shelf.simulation(study, ticket).work, [], 'active');
  }

  #silent(ago: number): PlannedJob {
    const ticket = { externalId: this.#numbers.next('automation'), submittedAt: Math.round(this.#now - ago) };
    const work = silentExport(ticket, this.#random);
    const told: Told[] = [];
    this.#tell(work, ticket.submittedAt + 3_000, 1, told);
    return this.#planned(work, told, 'silent');
  }
}

function importFrom(
  { dataset, operation }: Pick<NonNullable<ReturnType<Shelf['takeDataset']>>, 'dataset' | 'operation'>,
  ticket: Ticket,
): Work {
  return importOf(dataset, operation, ticket);
}

/** What a person says about a job's status. */
function said(at: number, status: 'queued' | 'succeeded', cause: Told['cause']): Told {
  return { at, event: { kind: 'status', status, at }, by: 'person', cause };
}
