import { type SourceCheck, sightingSchema } from '@daybook/core';
import { z } from 'zod';
import { checkOf } from '../scheduler/checks.ts';
import type { Programs } from '../scheduler/programs.ts';
import type { Asking, Scheduler } from '../scheduler/scheduler.ts';
import { defined, type Listing, type Seen, type Unread } from '../scheduler/seen.ts';

/** A line of the program: what a source sees of a job (`Sighting`), and maybe why it waits. */
const lineSchema = z.strictObject({ ...sightingSchema.shape, waiting: z.string().max(1_000).optional() });

/** Reads JSON Lines, one job each. A line that is none is told, and the others go on. */
export function parseLines(text: string): Listing {
  const seen: Seen[] = [];
  const unread: Unread[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const raw = jsonOf(line);
    const read = lineSchema.safeParse(raw);
    if (read.success) seen.push(seenOfLine(read.data, raw as Record<string, unknown>));
    else {
      const [issue] = read.error.issues;
      const detail = `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}: ${line}`.trim().slice(0, 200);
      unread.push({ id: undefined, problem: { code: 'source.problem.unreadableRecord', detail } });
    }
  }
  return { seen, unread };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function seenOfLine(line: z.infer<typeof lineSchema>, raw: Record<string, unknown>): Seen {
  const { errors, waiting, metadata } = line;
  const own = ['externalId', 'status', 'errors', 'metadata', 'waiting', ...plain];
  return {
    ...defined(Object.fromEntries(plain.map((name) => [name, line[name]]))),
    id: line.externalId,
    status: line.status,
    word: line.status,
    error: errors?.at(-1),
    ...(waiting !== undefined && { waiting: { code: 'source.waiting.other', detail: waiting } }),
    ...(metadata !== undefined && { metadata }),
    more: Object.fromEntries(Object.entries(raw).filter(([name]) => !own.includes(name))),
  };
}

/** What every scheduler tells, under the same names. */
const plain = [
  'submittedAt',
  'startedAt',
  'endedAt',
  'name',
  'user',
  'project',
  'submitDirectory',
  'logFile',
  'tries',
] as const;

/** Any program that prints what it knows: all that is active, and what ended since a while ago. */
export class Command implements Scheduler {
  readonly needsDate = false;
  readonly #programs: Programs;
  readonly #program: string;
  readonly #args: readonly string[];

  constructor(programs: Programs, { program, args }: { program: string; args: readonly string[] }) {
    this.#programs = programs;
    this.#program = program;
    this.#args = args;
  }

  left(now: number): number {
    return this.#programs.left(now);
  }

  async list(asking: Asking): Promise<Listing> {
    return parseLines(await this.#programs.run(this.#program, this.#args, asking));
  }

  async test(asking: Asking): Promise<SourceCheck[]> {
    return [await checkOf('source.check.queue', async () => (await this.list(asking)).seen.length)];
  }
}
