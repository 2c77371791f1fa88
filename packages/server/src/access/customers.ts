import { type Customer, DaybookError, toIso } from '@daybook/core';
import type { Kysely } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { visibleJobs } from '../jobs/visible-jobs.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Database, EngineProfile, Store, Transaction } from '../storage/index.ts';
import { record } from './audit.ts';

/** A customer's link to a provider: what `customers` holds a row for. */
export interface CustomerLink {
  readonly userId: number;
  readonly providerId: number;
  readonly customer: string;
}

/** Lets a user follow the jobs of a provider that name this customer; once more changes nothing. */
export async function linkCustomer({ db }: Transaction, link: CustomerLink, now: number): Promise<void> {
  await db
    .insertInto('customers')
    .values({
      user_id: link.userId,
      provider_id: link.providerId,
      customer: link.customer,
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'provider_id', 'customer']).doNothing())
    .execute();
}

/**
 * The number that somebody gets at sign-up as a provider's customer: their user's, unless the provider knows somebody
 * else by it (a job, a customer or an invitation names it), because then they would see that one's jobs. Until the
 * transaction ends nobody else gets a number of this provider: two at once could find the same one free.
 */
export async function signUpNumber(
  profile: EngineProfile,
  { db }: Transaction,
  { userId, providerId }: Omit<CustomerLink, 'customer'>,
): Promise<string> {
  await profile.oneAtATime(db, `sign-up numbers of provider ${providerId}`);
  for (let number = userId, step = 1; ; number += step, step *= 2) {
    const customer = String(number);
    if (!(await isNamed(db, providerId, customer))) return customer;
  }
}

async function isNamed(db: Kysely<Database>, providerId: number, customer: string): Promise<boolean> {
  for (const table of ['jobs', 'customers', 'invitations'] as const) {
    const found = await db
      .selectFrom(table)
      .select('provider_id')
      .where('provider_id', '=', providerId)
      .where('customer', '=', customer)
      .limit(1)
      .executeTakeFirst();
    if (found !== undefined) return true;
  }
  return false;
}

/** A page of a provider's customers, of all for an admin, by the name of the user. */
export async function listCustomers(
  db: Kysely<Database>,
  actor: Actor,
  page: { limit: number; cursor?: string },
): Promise<{ items: Customer[]; nextCursor?: string }> {
  const after = page.cursor === undefined ? undefined : place(page.cursor);
  const rows = await links(db, actor)
    .select((eb) => [
      'customers.created_at',
      eb
        .selectFrom('jobs')
        .select((jobs) => jobs.fn.countAll<number>().as('count'))
        .whereRef('jobs.provider_id', '=', 'customers.provider_id')
        .whereRef('jobs.customer', '=', 'customers.customer')
        .where(visibleJobs(actor.scope))
        .as('jobs'),
    ])
    .$if(after !== undefined, (query) =>
      query.where((eb) =>
        eb(
          eb.refTuple('users.name', 'providers.name', 'customers.customer'),
          '>',
          eb.tuple(...(after as Place)),
        ),
      ),
    )
    .orderBy('users.name')
    .orderBy('providers.name')
    .orderBy('customers.customer')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit).map(
    ({ created_at, jobs, ...row }): Customer => ({
      ...row,
      jobs: Number(jobs ?? 0),
      since: created_at === 0 ? null : toIso(created_at),
    }),
  );
  const last = items.at(-1);
  return {
    items,
    ...(rows.length > items.length &&
      last && { nextCursor: encodeCursor('customers', [last.user, last.provider, last.customer]) }),
  };
}

type Place = [user: string, provider: string, customer: string];

function place(cursor: string): Place {
  return decodeCursor('customers', cursor, ['text', 'text', 'text']) as Place;
}

/** The links that somebody may see and take away: a provider those of their own, an admin all. */
function links(db: Kysely<Database>, actor: Actor) {
  return db
    .selectFrom('customers')
    .innerJoin('users', 'users.id', 'customers.user_id')
    .innerJoin('providers', 'providers.id', 'customers.provider_id')
    .select([
      'users.id as userId',
      'users.name as user',
      'users.display_name as displayName',
      'providers.name as provider',
      'customers.customer',
    ])
    .$if(actor.role !== 'admin', (query) => query.where('customers.provider_id', '=', actor.providerId));
}

/** Whose customer a user is. */
export async function customerLinks(
  db: Kysely<Database>,
  userId: number,
): Promise<{ provider: string; customer: string }[]> {
  return await db
    .selectFrom('customers')
    .innerJoin('providers', 'providers.id', 'customers.provider_id')
    .select(['providers.name as provider', 'customers.customer'])
    .where('user_id', '=', userId)
    .orderBy('providers.name')
    .orderBy('customer')
    .execute();
}

/** Takes a link away: the user sees the jobs that name this customer no more. Throws `not_found`. */
export async function unlinkCustomer(
  store: Store,
  clock: Clock,
  actor: Actor,
  which: { userId: number; provider: string; customer: string },
): Promise<void> {
  await store.write(async (transaction) => {
    const found = await links(transaction.db, actor)
      .select('customers.provider_id')
      .where('users.id', '=', which.userId)
      .where('providers.name', '=', which.provider)
      .where('customers.customer', '=', which.customer)
      .executeTakeFirst();
    if (found === undefined) throw new DaybookError('not_found', 'There is no such customer.');
    await transaction.db
      .deleteFrom('customers')
      .where('user_id', '=', found.userId)
      .where('provider_id', '=', found.provider_id)
      .where('customer', '=', found.customer)
      .execute();
    await record(transaction, {
      at: clock.now(),
      actor: actor.label,
      action: 'customer.remove',
      subject: `user:${found.user}`,
      detail: { provider: found.provider, customer: found.customer },
    });
  });
}
