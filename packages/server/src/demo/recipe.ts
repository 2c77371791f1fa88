import type { Configuration, Execution, JsonObject } from '@daybook/core';
import type { Random } from './random.ts';

/** How one kind of demo job goes: its steps and how long they take, what it prints, and how it may fail. */
export interface Recipe {
  readonly tag: string;
  readonly name: string;
  readonly version: string;
  readonly kind: 'simulation' | 'import' | 'ingest' | 'script';
  readonly source: string;
  readonly execution: Execution;
  /** Name of the API key that reports it. */
  readonly reporter: string;
  /** Without steps it has no configuration: a scheduler only says that it runs and that it ended. */
  readonly steps: readonly Pace[];
  /** Seconds that it takes when there are no steps. */
  readonly seconds?: number;
  readonly failures: readonly Failure[];
  /** Shares of all jobs that do not succeed. */
  readonly endings: Readonly<Partial<Record<'failed' | 'canceled' | 'finished' | 'other', number>>>;
  /** It stops reporting in the middle and is never heard of again. */
  readonly fallsSilent?: boolean;
  /** Facts about where it runs, reported when it starts. */
  begin?(about: About): JsonObject;
  /** What it prints when `share` (0–1) of a step is done. */
  line(step: string, share: number, about: About): string;
  /** Figures that a step reports when it is done. */
  figures?(step: string, about: About): JsonObject | undefined;
  /** The last line of a job that succeeds. */
  farewell?(about: About): string;
  /** Files that it leaves behind when it succeeds. */
  files?(about: About): readonly { path: string; bytes: number }[];
}

/** A step with how long it takes: half of the jobs need less than `seconds`. */
export interface Pace {
  readonly tag: string;
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
  /** Standard deviation of the logarithm of the time; 0.2 when left out. */
  readonly spread?: number;
  readonly metadata?: Configuration['steps'][number]['metadata'];
}

export interface Failure {
  readonly weight: number;
  /** The step that fails; null for a job without steps. */
  readonly step: string | null;
  /** Somebody may simply try again: it was not the job's fault. */
  readonly isPassing?: boolean;
  message(about: About): string;
  /** What somebody writes about it later. */
  readonly remedy?: string;
  /** What the job prints before it gives up. */
  lines?(about: About): readonly string[];
}

/** The job that a line or a message is about. */
export interface About {
  readonly name: string;
  readonly externalId: string;
  readonly jobDirectory: string;
  readonly target: string;
  readonly random: Random;
}

/** The configuration that jobs of a recipe are made from; undefined if it has no steps. */
export function configurationOf(recipe: Recipe): Configuration | undefined {
  if (recipe.steps.length === 0) return undefined;
  return {
    tag: recipe.tag,
    name: recipe.name,
    version: recipe.version,
    steps: recipe.steps.map(({ tag, name, points, metadata }) => ({
      tag,
      name,
      points,
      ...(metadata !== undefined && { metadata }),
    })),
  };
}
