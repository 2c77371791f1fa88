import { createHash } from 'node:crypto';
import { DaybookError, type Job, type JobCreate, type Scope } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Store, Transaction } from '../storage/index.ts';
import type { Appender } from './appender.ts';
import { type Created, createJobs } from './create-jobs.ts';
import { findJobs } from './find-jobs.ts';
import type { FindRecipe } from './references.ts';
import { visibleJobs } from './visible-jobs.ts';

/** Adds how long a job will still take. */
export type WithTimeLeft = (
  job: Omit<Job, 'timeLeft'>,
  row: { readonly configuration_id: number | null; readonly provider_id: number },
) => Promise<Job>;

export interface CreateAnswer {
  status: number;
  body: unknown;
  replayed: boolean;
}

/** The jobs: what every door into Daybook creates, reads and keeps alive them with. */
export class Jobs {
  readonly store: Store;
  readonly appender: Appender;
  readonly clock: Clock;
  readonly #findRecipe: FindRecipe;
  readonly #withTimeLeft: WithTimeLeft;

  constructor(parts: {
    store: Store;
    appender: Appender;
    clock: Clock;
    findRecipe: FindRecipe;
    withTimeLeft: WithTimeLeft;
  }) {
    this.store = parts.store;
    this.appender = parts.appender;
    this.clock = parts.clock;
    this.#findRecipe = parts.findRecipe;
    this.#withTimeLeft = parts.withTimeLeft;
  }

  /** A job, whole. Throws `not_found` if the scope does not see it. */
  async get(scope: Scope, id: number): Promise<Job> {
    const found = await this.store.snapshot(async (db) => {
      const [job] = await findJobs(db, scope, [id]);
      if (job === undefined) return undefined;
      const row = db.selectFrom('jobs').select(['configuration_id', 'provider_id']).where('id', '=', id);
      return { job, row: await row.executeTakeFirstOrThrow() };
    });
    if (found === undefined)
      throw new DaybookError('not_found', `There is no job ${id}, or you may not see it.`);
    return this.#withTimeLeft(found.job, found.row);
  }

  /**
   * Creates jobs, all or none. With an idempotency key the answer is kept in the same transaction, and the same request
   * gets it again; another request with that key is refused with `idempotency_key_reused`. `findRecipe`: for a caller
   * that knows which configuration is meant, whatever its tag would mean. `alongside`: what is stored with them, or not
   * at all.
   */
  async create(
    actor: Actor,
    inputs: readonly JobCreate[],
    options: {
      many: boolean;
      key?: string | undefined;
      findRecipe?: FindRecipe;
      alongside?: (transaction: Transaction, created: Created) => Promise<void>;
    },
  ): Promise<CreateAnswer> {
    const { key } = options;
    const fingerprint = key === undefined ? '' : hash(JSON.stringify(inputs));
    return this.#oncePerConflict(() =>
      this.store.write(async (transaction) => {
        if (key !== undefined) {
          // The second of two equal requests waits here, and then finds the answer of the first.
          await this.store.profile.oneAtATime(transaction.db, `${idempotencyScope(actor)} ${key}`);
          const stored = await storedAnswer(transaction, actor, key, fingerprint);
          if (stored !== undefined) return stored;
        }
        const now = this.clock.now();
        const created = await createJobs(transaction, actor, inputs, {
          findRecipe: this.#findRecipe,
          ...options,
          words: this.appender.words,
          now,
        });
        await options.alongside?.(transaction, created);
        await this.store.announceFacts(transaction);
        const answer = await this.#createAnswer(transaction, actor, created, options.many);
        if (key !== undefined) await keepAnswer(transaction, actor, key, fingerprint, answer, now);
        return answer;
      }),
    );
  }

  /** Notes that a reported job is alive; a claimed one lives by its lease. Throws `not_found`. */
  async heartbeat(scope: Scope, id: number): Promise<void> {
    const seen = await this.store.write(({ db }) =>
      db
        .updateTable('jobs')
        .set({ seen_at: this.clock.now(), stalled: 0 })
        .where('id', '=', id)
        .where('execution', '=', 'reported')
        .where(visibleJobs(scope))
        .executeTakeFirst(),
    );
    if (seen.numUpdatedRows === 0n)
      throw new DaybookError('not_found', `There is no reported job ${id}, or you may not see it.`);
  }

  async #createAnswer(
    transaction: Transaction,
    actor: Actor,
    { ids, existed }: { ids: number[]; existed: boolean[] },
    many: boolean,
  ): Promise<CreateAnswer> {
    // The creator sees what it made, whatever its projects: it knows it all anyway.
    const scope = { ...actor.scope, all: true };
    const found = await findJobs(transaction.db, scope, ids, actor.scope);
    const jobs = found.map((job): Job => ({ ...job, timeLeft: null }));
    const status = existed.every(Boolean) ? 200 : 201;
    return { status, body: many ? { items: jobs } : jobs[0], replayed: false };
  }

  /** Several processes that create the same things at once: each conflict shows the later one more of what is there. */
  async #oncePerConflict<T>(create: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await create();
      } catch (error) {
        if (tries >= 10 || (error as { code?: string }).code !== '23505') throw error;
      }
    }
  }
}

/** Keys of different credentials never meet; names of API keys are not unique, so the number counts. */
function idempotencyScope({ kind, id }: Actor): string {
  return `${kind} ${id}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

async function storedAnswer(
  { db }: Transaction,
  actor: Actor,
  key: string,
  fingerprint: string,
): Promise<CreateAnswer | undefined> {
  const stored = await db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'status', 'body'])
    .where('actor', '=', idempotencyScope(actor))
    .where('key', '=', key)
    .executeTakeFirst();
  if (stored === undefined) return undefined;
  if (stored.fingerprint !== fingerprint)
    throw new DaybookError(
      'idempotency_key_reused',
      'This Idempotency-Key was sent with another body. Use a new one.',
    );
  return { status: stored.status, body: stored.body, replayed: true };
}

async function keepAnswer(
  { db }: Transaction,
  actor: Actor,
  key: string,
  fingerprint: string,
  answer: CreateAnswer,
  now: number,
): Promise<void> {
  const body = JSON.stringify(answer.body);
  await db
    .insertInto('idempotency_keys')
    .values({
      actor: idempotencyScope(actor),
      key,
      fingerprint,
      status: answer.status,
      body,
      created_at: now,
    })
    .execute();
}
