import type { Job, JobEvent, JobSummary } from '@daybook/core';
import { expect } from 'vitest';
import type { RealServer } from '../bed/real-server.ts';
import {
  asCustomer,
  asProvider,
  type CrowdCustomer,
  type CrowdProvider,
  CustomerStream,
  makeCustomer,
  makeProvider,
} from './crowd.ts';

/** Events of one request: a job is told of in several, beside those of all the others. */
const BATCH = 5;
/** The same everywhere: another provider's 1 is another person. */
const numbers = ['1', '2', '3', '4', '5'] as const;
/** Stands in what no customer is shown. */
const SECRET = 'S3CRET';

interface Made {
  readonly id: number;
  readonly provider: string;
  readonly customer: string;
}

/** How many work at once, and on what. */
export interface CrowdSize {
  readonly providers: number;
  /** Of each provider. */
  readonly jobs: number;
  /** Of each job; a multiple of 5. */
  readonly events: number;
}

/**
 * Lets a crowd of providers work at once on a real server, and holds what they and their customers are shown against
 * what was sent. Answers how many events were taken in per second.
 */
export async function proveCrowd(diary: RealServer, size: CrowdSize): Promise<number> {
  const providers: CrowdProvider[] = [];
  for (let n = 0; n < size.providers; n++) providers.push(await makeProvider(diary, `provider-${n}`));
  const customers: CrowdCustomer[] = [];
  for (const [n, customer] of numbers.entries()) {
    // Every fifth provider knows each of them by the same number, and some by another one, too.
    const follows = providers.flatMap(({ name }, at) => [
      ...(at % numbers.length === n ? [{ provider: name, customer }] : []),
      ...(at % 20 === n && customer !== '5' ? [{ provider: name, customer: '5' }] : []),
    ]);
    customers.push(await makeCustomer(diary, `customer-${n}`, follows));
  }
  const streams = await Promise.all(customers.map((each) => CustomerStream.open(diary, each)));

  const began = performance.now();
  const made = (await Promise.all(providers.map((each) => work(diary, each, size)))).flat();
  const seconds = (performance.now() - began) / 1_000;
  expect(new Set(made.map(({ id }) => id)).size).toBe(size.providers * size.jobs);

  await Promise.all(providers.map((each) => expectWhole(diary, each, made, size.events)));
  for (const [n, customer] of customers.entries())
    await expectOwn(diary, customer, streams[n] as CustomerStream, made);
  return Math.round((made.length * size.events) / seconds);
}

/** One provider: job after job, each with its events. */
async function work(
  diary: RealServer,
  provider: CrowdProvider,
  { jobs, events }: CrowdSize,
): Promise<Made[]> {
  const made: Made[] = [];
  for (let n = 0; n < jobs; n++) {
    const customer = numbers[n % numbers.length] as string;
    const { id } = await asProvider<Job>(diary, provider, 'POST', '/jobs', {
      name: `job ${n}`,
      externalId: `${n}`,
      customer,
      status: 'running',
      user: SECRET,
      parameters: { a: SECRET },
      steps: Array.from({ length: events }, (_, i) => ({ tag: `s${i}`, name: `Step ${i}`, points: 1 })),
    });
    for (let from = 0; from < events; from += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, i) => ({
        kind: 'step',
        step: `s${from + i}`,
        status: 'succeeded',
        message: `${SECRET} ${from + i}`,
      }));
      await asProvider(diary, provider, 'POST', `/jobs/${id}/events`, { events: batch });
    }
    made.push({ id, provider: provider.name, customer });
  }
  return made;
}

/** Every event of every job of a provider is there, once and in order, and no other provider's job is. */
async function expectWhole(
  diary: RealServer,
  provider: CrowdProvider,
  made: readonly Made[],
  events: number,
): Promise<void> {
  const own = made.filter((each) => each.provider === provider.name).map(({ id }) => id);
  const page = await asProvider<{ items: JobSummary[]; total: number }>(
    diary,
    provider,
    'GET',
    '/jobs?limit=500&sort=id&total=true',
  );
  expect(page.items.map(({ id }) => id)).toEqual(own.toSorted((a, b) => a - b));
  expect(page.total).toBe(own.length);
  for (const id of own) {
    const { items } = await asProvider<{ items: JobEvent[] }>(
      diary,
      provider,
      'GET',
      `/jobs/${id}/events?kind=step&limit=100`,
    );
    expect(items.map(({ message }) => message)).toEqual(
      Array.from({ length: events }, (_, i) => `${SECRET} ${i}`),
    );
  }
}

/** What a customer is shown by list, count, link and stream is what names them, and nothing of how it works. */
async function expectOwn(
  diary: RealServer,
  customer: CrowdCustomer,
  stream: CustomerStream,
  made: readonly Made[],
): Promise<void> {
  const own = made
    .filter((job) =>
      customer.follows.some((each) => each.provider === job.provider && each.customer === job.customer),
    )
    .map(({ id }) => id)
    .toSorted((a, b) => a - b);
  const listed: number[] = [];
  let cursor = '';
  do {
    const { body } = await asCustomer<{ items: JobSummary[]; total?: number; nextCursor?: string }>(
      diary,
      customer,
      `/jobs?limit=500&sort=id&total=true${cursor}`,
    );
    expect(body.total).toBe(own.length);
    expect(JSON.stringify(body)).not.toContain(SECRET);
    listed.push(...body.items.map(({ id }) => id));
    cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  expect(listed).toEqual(own);
  const facets = await asCustomer<Record<string, { count: number }[]>>(diary, customer, '/jobs/facets');
  expect(facets.body['kind']?.reduce((sum, { count }) => sum + count, 0)).toBe(own.length);
  const strange = made.find(({ id }) => !own.includes(id));
  expect((await asCustomer(diary, customer, `/jobs/${strange?.id}`)).status).toBe(404);
  expect((await asCustomer(diary, customer, `/jobs/${own[0]}`)).status).toBe(200);
  await expect.poll(() => stream.jobs.size, { timeout: 30_000 }).toBe(own.length);
  expect([...stream.jobs].toSorted((a, b) => a - b)).toEqual(own);
  expect([...stream.kinds].toSorted()).toEqual(['hello', 'job']);
  expect(stream.text).not.toContain(SECRET);
  stream.cut();
}
