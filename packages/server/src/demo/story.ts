import type { EventInput, JobCreate, JsonObject, TransitionCause } from '@daybook/core';
import { Random } from './random.ts';
import type { About, Failure, Pace, Recipe } from './recipe.ts';

/** One attempt of a demo job: everything that its story depends on, so that the same job always goes the same way. */
export interface Subject {
  readonly recipe: Recipe;
  readonly externalId: string;
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly name: string;
  readonly jobDirectory: string;
  readonly target: string;
}

/** The story of an attempt of a job that is or will be created. */
export function storyOf(
  {
    recipe,
    create,
  }: { recipe: Recipe; create: Pick<JobCreate, 'externalId' | 'name' | 'jobDirectory' | 'target'> },
  startedAt: number,
  attempt: number,
  seed: string,
): Story {
  const { externalId = '', name = '', jobDirectory = '', target = '' } = create;
  return new Story({ recipe, externalId, attempt, startedAt, name, jobDirectory, target }, seed);
}

/** A fact of a story, and who tells it. */
export interface Told {
  readonly at: number;
  readonly event: EventInput;
  /** The program that runs the job, or the person whose job it is. */
  readonly by: 'reporter' | 'person';
  readonly cause: TransitionCause;
}

export type Outcome = 'succeeded' | 'failed' | 'canceled' | 'finished' | 'other' | 'silent';

/** How often a running step speaks, in milliseconds, by how long it takes. */
export interface Detail {
  percent(duration: number): number;
  log(duration: number): number;
}

/** For the past: enough to see how it went. */
export const sparse: Detail = { percent: (duration) => duration / 3, log: (duration) => duration / 4 };
/** For right now: short steps speak every second, a solver of several hours every few. */
export const dense: Detail = {
  percent: (duration) => clamp(duration / 300, 1_000, 15_000),
  log: (duration) => clamp(duration / 400, 1_500, 10_000),
};

interface Stage {
  readonly pace: Pace;
  readonly from: number;
  readonly to: number;
  /** Its length, had nothing come in between. */
  readonly full: number;
}

/** What happens in one attempt of a job, told for any stretch of time. */
export class Story {
  readonly outcome: Outcome;
  /** When the job ends; never, if it falls silent. */
  readonly endsAt: number;
  /** Why it failed, if it did. */
  readonly failure: Failure | undefined;
  readonly failureMessage: string | undefined;
  readonly #subject: Subject;
  readonly #seed: string;
  readonly #stages: Stage[] = [];
  readonly #facts: Told[] = [];
  readonly #silentFrom: number;

  constructor(subject: Subject, seed: string) {
    const { recipe, externalId, attempt, startedAt } = subject;
    this.#subject = subject;
    this.#seed = `${seed} ${recipe.source} ${externalId} ${attempt}`;
    const random = new Random(this.#seed);
    this.outcome = outcomeOf(recipe, attempt, random);
    this.failure = this.outcome === 'failed' ? random.weighted(recipe.failures) : undefined;
    this.failureMessage = this.failure?.message(this.#about('failure'));
    const end = this.#play(startedAt, random);
    this.#silentFrom =
      this.outcome === 'silent' ? startedAt + (end - startedAt) * random.between(0.3, 0.6) : end;
    this.endsAt = this.outcome === 'silent' ? Number.POSITIVE_INFINITY : end;
  }

  /** What is told after `after` until `until`, in order. `allFacts`: also the facts (but not the ticks) before `after`. */
  between(after: number, until: number, detail: Detail, allFacts = false): Told[] {
    const last = Math.min(until, this.outcome === 'silent' ? this.#silentFrom : until);
    const told = this.#facts.filter(({ at }) => (allFacts || at > after) && at <= last);
    for (const stage of this.#stages) {
      if (stage.to <= after || stage.from >= last) continue;
      told.push(...this.#percents(stage, after, last, detail), ...this.#logLines(stage, after, last, detail));
    }
    return told.sort((a, b) => a.at - b.at);
  }

  /** Lays out the facts from the start to the end, and answers when that is. */
  #play(startedAt: number, random: Random): number {
    const { recipe } = this.#subject;
    const cause = recipe.execution === 'watched' ? 'source' : 'report';
    const begins = recipe.execution === 'claimed' ? 'claim' : cause;
    this.#tell(startedAt, { kind: 'status', status: 'running' }, { cause: begins });
    const begin = recipe.begin?.(this.#about('begin'));
    if (begin !== undefined) this.#tell(startedAt, { kind: 'metadata', metadata: begin });
    if (recipe.steps.length === 0) {
      const end = startedAt + this.#cut(random.logNormal(recipe.seconds ?? 60, 0.25) * 1_000, random);
      this.#end(end, cause);
      return end;
    }
    let at = startedAt;
    const stop = this.#stopOf(random);
    for (const pace of recipe.steps) {
      const full = Math.round(random.logNormal(pace.seconds, pace.spread ?? 0.2) * 1_000);
      const stops = stop?.step === pace.tag;
      const to = at + Math.max(1, Math.round(stops ? full * stop.share : full));
      this.#stages.push({ pace, from: at, to, full });
      this.#tell(at, { kind: 'step', step: pace.tag, status: 'running' });
      at = to;
      if (stops) break;
      this.#endStep(pace, to);
    }
    this.#end(at, cause);
    return at;
  }

  /** Where it stops early: in the step that fails, or somewhere when a person or the clock stops it. */
  #stopOf(random: Random): { step: string; share: number } | undefined {
    const share = random.between(0.1, 0.95);
    const longest = this.#subject.recipe.steps.reduce((a, b) => (b.seconds > a.seconds ? b : a));
    if (this.failure !== undefined) return { step: this.failure.step ?? longest.tag, share };
    if (this.outcome === 'canceled' || this.outcome === 'other') return { step: longest.tag, share };
    return undefined;
  }

  #cut(duration: number, random: Random): number {
    const share = this.outcome === 'failed' || this.outcome === 'canceled' ? random.between(0.1, 0.95) : 1;
    return Math.round(duration * share);
  }

  #endStep(pace: Pace, at: number): void {
    const figures = this.#subject.recipe.figures?.(pace.tag, this.#about(pace.tag));
    const metadata = figures && { metadata: figures satisfies JsonObject };
    this.#tell(at, { kind: 'step', step: pace.tag, status: 'succeeded', ...metadata });
  }

  #end(at: number, cause: TransitionCause): void {
    const { recipe } = this.#subject;
    switch (this.outcome) {
      case 'silent':
        return;
      case 'failed':
        this.#fail(at, cause);
        return;
      case 'canceled': {
        const message = this.#about('canceled').random.pick(reasonsToCancel);
        this.#tell(at, { kind: 'status', status: 'canceled', message }, { by: 'person' });
        return;
      }
      case 'other': {
        const message = 'Stopped at the wall-clock limit; a restart file was written';
        this.#tell(at, { kind: 'status', status: 'other', message }, { cause });
        return;
      }
      case 'finished':
      case 'succeeded':
        this.#leave(recipe, at);
        this.#tell(at, { kind: 'status', status: this.outcome }, { cause });
    }
  }

  #fail(at: number, cause: TransitionCause): void {
    const message = this.failureMessage ?? '';
    const step = this.failure?.step ?? null;
    const lines = this.failure?.lines?.(this.#about('last words')) ?? [];
    for (const line of lines)
      this.#tell(at, {
        kind: 'log',
        stream: 'stderr',
        message: line,
        ...(step !== null && { step }),
      });
    if (step !== null) this.#tell(at, { kind: 'step', step, status: 'failed', message });
    this.#tell(at, { kind: 'error', status: 'failed', message }, { cause });
  }

  #leave(recipe: Recipe, at: number): void {
    const farewell = recipe.farewell?.(this.#about('farewell'));
    if (farewell !== undefined) this.#tell(at, { kind: 'log', stream: 'stdout', message: farewell });
    for (const file of recipe.files?.(this.#about('files')) ?? [])
      this.#tell(at, { kind: 'file', metadata: { ...file } });
  }

  #tell(at: number, event: EventInput, voice: Partial<Pick<Told, 'by' | 'cause'>> = {}): void {
    // Told again after a restart, a fact is known by its key; what ticks between facts is not worth one.
    const key = `demo-${this.#subject.attempt}-${this.#facts.length}`;
    this.#facts.push({ at, event: { ...event, at, key }, by: 'reporter', cause: 'report', ...voice });
  }

  #percents(stage: Stage, after: number, until: number, detail: Detail): Told[] {
    return ticks(stage, after, until, detail.percent(stage.full)).map((at) => {
      const percent = Math.round(((at - stage.from) / stage.full) * 10_000) / 100;
      return told({ kind: 'step', step: stage.pace.tag, percent, at });
    });
  }

  #logLines(stage: Stage, after: number, until: number, detail: Detail): Told[] {
    const { recipe } = this.#subject;
    return ticks(stage, after, until, detail.log(stage.full)).map((at) => {
      const share = (at - stage.from) / stage.full;
      const message = recipe.line(stage.pace.tag, share, this.#about(`${stage.pace.tag} ${at}`));
      return told({ kind: 'log', step: stage.pace.tag, stream: 'stdout', message, at });
    });
  }

  /** Chance of its own for each thing that is said, so that it does not matter what else was asked for. */
  #about(what: string): About {
    const { name, externalId, jobDirectory, target } = this.#subject;
    return { name, externalId, jobDirectory, target, random: new Random(`${this.#seed} ${what}`) };
  }
}

function told(event: EventInput & { at: number }): Told {
  return { at: event.at, event, by: 'reporter', cause: 'report' };
}

/** The moments of a stage, `every` milliseconds from its start, that lie in the stretch. */
function ticks({ from, to }: Stage, after: number, until: number, every: number): number[] {
  const moments: number[] = [];
  const first = Math.max(1, Math.floor((after - from) / every) + 1);
  for (let k = first; ; k++) {
    const at = Math.round(from + k * every);
    if (at >= to || at > until) return moments;
    if (at > after) moments.push(at);
  }
}

function outcomeOf(recipe: Recipe, attempt: number, random: Random): Outcome {
  if (recipe.fallsSilent) return 'silent';
  let chance = random.next();
  for (const ending of ['failed', 'canceled', 'finished', 'other'] as const) {
    // Whoever tries again has usually mended it.
    const share = (recipe.endings[ending] ?? 0) / (attempt > 1 ? 4 : 1);
    if (chance < share) return ending;
    chance -= share;
  }
  return 'succeeded';
}

const reasonsToCancel = [
  'Wrong belt routing in the deck',
  'Corrected deck is submitted already',
  'Makes room for the milestone runs',
  'Output interval was far too small',
];

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
