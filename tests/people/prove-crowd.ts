import type { Job, JobEvent, JobSummary } from '@daybook/core';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
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
  readonly door: CrowdProvider['door'];
}

/** A job as the routes of trackerapi write it, as far as it is looked at. */
interface TrackedJob {
  readonly id: number;
  readonly progress: number;
  readonly events: readonly { readonly event_metadata: Readonly<Record<string, unknown>> }[];
}

/** How many work at once, and on what. */
export interface CrowdSize {
  readonly providers: number;
  /** Of each provider. */
  readonly jobs: number;
  /** Of each job; a multiple of 5. */
  readonly events: number;
  /** Every how manieth provider works by the routes of trackerapi, which take one event at a time. */
  readonly trackerEvery: number;
}

/** Tests a crowd on both engines. `timeout` in milliseconds. */
export function testCrowd(size: CrowdSize, timeout: number): void {
  describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
    let server: RealServer | undefined;
    afterEach(async () => {
      await server?.remove();
    });
    test(
      'a crowd of providers loses nothing, and each customer sees exactly their own',
      async ({ onTestFailed }) => {
        onTestFailed(() => console.error(server?.log.slice(-4_000)));
        server = await RealServer.open({
          ...(engine === 'postgres' && { postgresUrl: inject('postgresUrl') }),
          flags: ['--rate-limit', '0'],
        });
        const rate = await proveCrowd(server, size);
        console.log(`${engine}: ${rate} events/s`);
        expect(rate).toBeGreaterThan(0);
      },
      timeout,
    );
  });
}

/**
 * Lets a crowd of providers work at once on a real server, some of them by our routes and some by those of trackerapi,
 * and holds what they and their customers are shown against what was sent. Answers how many events were taken in per
 * second.
 */
async function proveCrowd(diary: RealServer, size: CrowdSize): Promise<number> {
  const providers: CrowdProvider[] = [];
  for (let n = 0; n < size.providers; n++)
    providers.push(
      await makeProvider(diary, `provider-${n}`, (n + 1) % size.trackerEvery === 0 ? 'tracker' : 'native'),
    );
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
async function work(diary: RealServer, provider: CrowdProvider, size: CrowdSize): Promise<Made[]> {
  const made: Made[] = [];
  if (provider.door === 'tracker') await registerScan(diary, provider, size.events);
  const make = provider.door === 'tracker' ? trackerJob : nativeJob;
  for (let n = 0; n < size.jobs; n++) {
    const customer = numbers[n % numbers.length] as string;
    const id = await make(diary, provider, { n, customer, events: size.events });
    made.push({ id, provider: provider.name, customer, door: provider.door });
  }
  return made;
}

interface Task {
  readonly n: number;
  readonly customer: string;
  readonly events: number;
}

async function nativeJob(
  diary: RealServer,
  provider: CrowdProvider,
  { n, customer, events }: Task,
): Promise<number> {
  const { id } = await asProvider<Job>(diary, provider, 'POST', '/api/v1/jobs', {
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
      metadata: { Message: `${SECRET} ${from + i}` },
    }));
    await asProvider(diary, provider, 'POST', `/api/v1/jobs/${id}/events`, { events: batch });
  }
  return id;
}

/** Registers what the jobs of a provider are, as trackerapi's client does before it makes them. */
async function registerScan(diary: RealServer, provider: CrowdProvider, events: number): Promise<void> {
  const steps = Array.from({ length: events }, (_, i) => ({ tag: `s${i}`, name: `Step ${i}`, points: 1 }));
  const scan = { tag: 'scan', name: 'Scan', step_configurations: steps };
  await asProvider(diary, provider, 'POST', '/tracker/job_configurations', scan);
}

async function trackerJob(
  diary: RealServer,
  provider: CrowdProvider,
  { n, customer, events }: Task,
): Promise<number> {
  const providerJobId = `${provider.name}-${n}`;
  const { id } = await asProvider<{ id: number }>(diary, provider, 'POST', '/tracker/jobs', {
    provider_job_id: providerJobId,
    customer_id: Number(customer),
    tag: 'scan',
  });
  for (let i = 0; i < events; i++)
    await asProvider(diary, provider, 'POST', '/tracker/events', {
      kind: 'step',
      name: `s${i}`,
      provider_job_id: providerJobId,
      event_metadata: { Message: `${SECRET} ${i}` },
    });
  return id;
}

/** Every event of every job of a provider is there, once and in order, and no other provider's job is. */
async function expectWhole(
  diary: RealServer,
  provider: CrowdProvider,
  made: readonly Made[],
  events: number,
): Promise<void> {
  const own = idsOf(made.filter((each) => each.provider === provider.name));
  const page = await asProvider<{ items: JobSummary[]; total: number }>(
    diary,
    provider,
    'GET',
    '/api/v1/jobs?limit=500&sort=id&total=true',
  );
  expect(page.items.map(({ id }) => id)).toEqual(own);
  expect(page.total).toBe(own.length);
  const said = Array.from({ length: events }, (_, i) => `${SECRET} ${i}`);
  if (provider.door === 'tracker') {
    const listed = await asProvider<TrackedJob[]>(diary, provider, 'GET', '/tracker/jobs');
    expect(listed.map(({ id, progress }) => [id, progress])).toEqual(own.map((id) => [id, 100]));
    for (const job of listed)
      expect(job.events.map(({ event_metadata }) => event_metadata['Message'])).toEqual(said);
    return;
  }
  for (const id of own) {
    const { items } = await asProvider<{ items: JobEvent[] }>(
      diary,
      provider,
      'GET',
      `/api/v1/jobs/${id}/events?kind=step&limit=100`,
    );
    expect(items.map(({ metadata }) => metadata?.['Message'])).toEqual(said);
  }
}

function idsOf(jobs: readonly Made[]): number[] {
  return jobs.map(({ id }) => id).toSorted((a, b) => a - b);
}

/** What a customer is shown by list, count, link and stream is what names them, and nothing of how it works. */
async function expectOwn(
  diary: RealServer,
  customer: CrowdCustomer,
  stream: CustomerStream,
  made: readonly Made[],
): Promise<void> {
  const isOwn = (job: Made) =>
    customer.follows.some((each) => each.provider === job.provider && each.customer === job.customer);
  const own = idsOf(made.filter(isOwn));
  const listed: number[] = [];
  let cursor = '';
  do {
    const { body } = await asCustomer<{ items: JobSummary[]; total?: number; nextCursor?: string }>(
      diary,
      customer,
      `/api/v1/jobs?limit=500&sort=id&total=true${cursor}`,
    );
    expect(body.total).toBe(own.length);
    expect(JSON.stringify(body)).not.toContain(SECRET);
    listed.push(...body.items.map(({ id }) => id));
    cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  expect(listed).toEqual(own);
  for (const path of ['/tracker/jobs', '/tracker/studies']) {
    const { body } = await asCustomer<TrackedJob[]>(diary, customer, path);
    expect(body.map(({ id }) => id)).toEqual(
      idsOf(made.filter((job) => isOwn(job) && job.door === 'tracker')),
    );
    expect(JSON.stringify(body)).not.toContain(SECRET);
  }
  const facets = await asCustomer<Record<string, { count: number }[]>>(
    diary,
    customer,
    '/api/v1/jobs/facets',
  );
  expect(facets.body['kind']?.reduce((sum, { count }) => sum + count, 0)).toBe(own.length);
  const strange = made.find(({ id }) => !own.includes(id));
  expect((await asCustomer(diary, customer, `/api/v1/jobs/${strange?.id}`)).status).toBe(404);
  expect((await asCustomer(diary, customer, `/api/v1/jobs/${own[0]}`)).status).toBe(200);
  await expect.poll(() => stream.jobs.size, { timeout: 30_000 }).toBe(own.length);
  expect([...stream.jobs].toSorted((a, b) => a - b)).toEqual(own);
  expect([...stream.kinds].toSorted()).toEqual(['hello', 'job']);
  expect(stream.text).not.toContain(SECRET);
  stream.cut();
}
