import { createHash } from 'node:crypto';
import { isEnded, type JobStatus, limits, type SourceSentence, sightingSchema, toIso } from '@daybook/core';
import type { Sight } from '../source.ts';

/** One job as a scheduler told of it. Times are milliseconds; what is left out was not told. */
export interface Seen {
  /** The raw number: what is unique in the scheduler at one moment (`11`, `7.2`, `1234[1]`). */
  readonly id: string;
  /** Undefined for a word that we do not know: then the job stays as it is. */
  readonly status: JobStatus | undefined;
  /** The scheduler's own word. */
  readonly word: string;
  readonly submittedAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly project?: string | undefined;
  readonly submitDirectory?: string | undefined;
  readonly logFile?: string | undefined;
  /** How often it was put back into the queue. */
  readonly tries?: number | undefined;
  /** What went wrong, in plain words. */
  readonly error?: string | undefined;
  readonly waiting?: SourceSentence | undefined;
  /** Somebody asked for its deletion: an end by signal that follows is theirs. */
  readonly deleting?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** What else a sighting may say, as it stands on the wire. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

/** What could not be read, of which job if that is known. */
export interface Unread {
  readonly id: string | undefined;
  readonly problem: SourceSentence;
}

/** All that one call or file told. */
export interface Listing {
  readonly seen: readonly Seen[];
  readonly unread: readonly Unread[];
}

/** As it is kept with its item: what the diary is told, and why the job waits. */
export interface Content {
  readonly sighting: Record<string, unknown>;
  readonly waiting?: SourceSentence;
  /** What of it found no place. */
  readonly notice?: SourceSentence;
}

/** A job of which the status is understood. */
export type Understood = Seen & { readonly status: JobStatus };

/** The text that is kept of a job. */
export function contentOf(seen: Understood): string {
  const { id, status, submittedAt, startedAt, endedAt, waiting, error, tries, metadata } = seen;
  const ended = isEnded(status);
  const sighting = {
    externalId: id,
    ...(submittedAt !== undefined && { submittedAt: toIso(submittedAt) }),
    name: cut(seen.name, limits.name) ?? id,
    kind: 'simulation',
    ...seen.more,
    status,
    // While it waits, schedulers tell when it might start, and while it runs, when it must end.
    ...(status !== 'queued' && startedAt !== undefined && { startedAt: toIso(startedAt) }),
    ...(ended && endedAt !== undefined && { endedAt: toIso(Math.max(endedAt, startedAt ?? endedAt)) }),
    ...defined({
      tries,
      project: cut(seen.project, limits.tag),
      user: cut(seen.user, limits.name),
      submitDirectory: cut(seen.submitDirectory, limits.path),
      logFile: cut(seen.logFile, limits.path),
    }),
    ...(error !== undefined && ended && { errors: [error] }),
    ...(metadata !== undefined && { metadata }),
  };
  return JSON.stringify({ sighting, ...(status === 'queued' && waiting !== undefined && { waiting }) });
}

/** What a content means; pure. */
export function sightOf(content: string): Sight {
  const { sighting, notice } = JSON.parse(content) as Content;
  const read = sightingSchema.safeParse(sighting);
  if (read.success) return { sighting: read.data, ...(notice !== undefined && { notice }) };
  const [issue] = read.error.issues;
  return {
    problem: {
      code: 'source.problem.noSighting',
      detail: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    },
  };
}

/** Why the job of a content waits. */
export function waitingOf(content: string): SourceSentence | undefined {
  return (JSON.parse(content) as Content).waiting;
}

/** The job of a content, as its scheduler told of it; undefined if it is none. */
export function seenOf(content: string): Understood | undefined {
  const sight = sightOf(content);
  if (sight.sighting === undefined) return undefined;
  const { externalId, errors, metadata, ...rest } = sight.sighting;
  const error = errors?.at(-1);
  return {
    id: externalId,
    word: rest.status,
    status: rest.status,
    ...defined({
      submittedAt: rest.submittedAt,
      startedAt: rest.startedAt,
      endedAt: rest.endedAt,
      name: rest.name,
      user: rest.user,
      project: rest.project,
      submitDirectory: rest.submitDirectory,
      logFile: rest.logFile,
      tries: rest.tries,
      error,
    }),
    ...(metadata !== undefined && { metadata }),
  };
}

/** What is known, and what was told now. */
export function merge<S extends Seen>(known: Seen | undefined, told: S): S {
  if (known === undefined) return told;
  return {
    ...defined(known),
    ...defined(told),
    ...(known.metadata !== undefined && { metadata: { ...known.metadata, ...told.metadata } }),
    // What was said of an end is over when the job goes on.
    error: told.error,
    waiting: told.waiting,
    endedAt: told.endedAt,
  } as S;
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** Without what is undefined. */
export function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** Texts of schedulers are whatever their users wrote: no control characters, no more than fits. */
export function cut(text: string | undefined, length: number): string | undefined {
  const clean = text
    ?.toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, length)
    .toWellFormed();
  return clean === '' ? undefined : clean;
}
