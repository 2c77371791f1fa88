import type {
  EventBody,
  EventInput,
  EventReceipt,
  Job,
  JobCreate,
  JobCreateBody,
  Scope,
} from '@daybook/core';
import { eventInputSchema, jobCreateSchema, nobody } from '@daybook/core';
import type { Actor } from '../../actor.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { findRecipe } from '../../configurations/configurations.ts';
import type { Store } from '../../storage/index.ts';
import { Appender } from '../appender.ts';
import { type CreateAnswer, Jobs } from '../jobs.ts';

/** Whoever a test needs. Sees everything if nothing else is said. */
export function actorOf(some: Partial<Actor> = {}, scope: Partial<Scope> = { all: true }): Actor {
  const name = some.name ?? 'ci';
  return {
    kind: 'key',
    id: 1,
    label: `key:${name}`,
    name,
    displayName: name,
    role: 'admin',
    providerId: 0,
    providerName: null,
    scope: { ...nobody, ...scope },
    ...some,
  };
}

/** The jobs of a store, without the HTTP around them. */
export interface Diary {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly appender: Appender;
  readonly admin: Actor;
  create(input?: Partial<JobCreateBody>, actor?: Actor): Promise<Job>;
  createMany(inputs: readonly Partial<JobCreateBody>[], actor?: Actor): Promise<Job[]>;
  answer(input: Partial<JobCreateBody>, options?: { key?: string; actor?: Actor }): Promise<CreateAnswer>;
  report(jobId: number, ...events: EventBody[]): Promise<EventReceipt[]>;
}

export function diaryOn(store: Store, clock: Clock = systemClock, random?: () => number): Diary {
  const appender = new Appender({
    store,
    clock,
    estimateEnd: () => null,
    timeZone: 'Europe/Berlin',
    ...(random && { random }),
  });
  const jobs = new Jobs({
    store,
    appender,
    clock,
    findRecipe,
    withTimeLeft: async (job) => ({ ...job, timeLeft: null }),
  });
  const admin = actorOf();
  const createMany = async (inputs: readonly Partial<JobCreateBody>[], actor = admin) => {
    const { body } = await jobs.create(actor, inputs.map(jobInput), { many: true });
    return (body as { items: Job[] }).items;
  };
  return {
    store,
    jobs,
    appender,
    admin,
    createMany,
    create: async (input = {}, actor = admin) => (await createMany([input], actor))[0] as Job,
    answer: (input, { key, actor = admin } = {}) =>
      jobs.create(actor, [jobInput(input)], { many: false, key }),
    report: (jobId, ...events) =>
      appender.append({ actor: admin, entries: events.map((body) => ({ jobId, event: eventInput(body) })) }),
  };
}

export function jobInput(body: Partial<JobCreateBody>): JobCreate {
  return jobCreateSchema.parse({ name: 'a job', ...body });
}

export function eventInput(body: EventBody): EventInput {
  return eventInputSchema.parse(body);
}
