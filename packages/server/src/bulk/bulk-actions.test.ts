import { bulkActionSchema, type JobCreateBody } from '@daybook/core';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HouseDesk } from '../http/testing/house-desk.ts';
import { Appender } from '../jobs/appender.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { actOnMany, previewAction } from './bulk-actions.ts';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let desk: HouseDesk;
  beforeEach(async () => {
    store = (await newDatabase()).open();
    desk = new HouseDesk(store);
  });
  afterEach(() => desk.close());

  const create = async (...jobs: JobCreateBody[]): Promise<number[]> => {
    const { status, body } = await desk.ask('POST', '/jobs', {
      jobs: jobs.map((job) => ({ name: 'a job', ...job })),
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body.items.map(({ id }: { id: number }) => id);
  };
  const many = (count: number, job: JobCreateBody) => Array.from({ length: count }, () => job);
  const bulk = async (body: object, key?: string) => (await desk.ask('POST', '/jobs/bulk', body, key)).body;
  const statuses = async () => {
    const rows = await store.read.selectFrom('jobs').select('status').orderBy('id').execute();
    return rows.map(({ status }) => status);
  };
  const audit = async () => {
    const rows = await store.read
      .selectFrom('audit')
      .selectAll()
      .where('action', 'like', 'jobs.%')
      .orderBy('id')
      .execute();
    return rows.map(({ action, actor, detail }) => ({ action, actor, ...JSON.parse(detail ?? '') }));
  };
  const claim = async (max: number) =>
    (await desk.ask('POST', '/queue/claim', { worker: 'w', max })).body.items as {
      job: { id: number };
      leaseToken: string;
    }[];

  describe('retry of many', () => {
    test('says first what it would do, then does it, with one entry in the audit', async () => {
      await create(
        ...many(3, { status: 'failed', kind: 'import' }),
        { status: 'failed', kind: 'other' },
        { status: 'running', kind: 'import' },
      );
      const wanted = { action: 'retry', filter: { kind: 'import' } };
      const skipped = [{ reason: 'still_active', count: 1 }];
      expect(await bulk({ ...wanted, dryRun: true })).toEqual({
        matches: 4,
        applicable: 3,
        skipped,
        more: false,
      });
      expect(await statuses()).toEqual(['failed', 'failed', 'failed', 'failed', 'running']);
      expect(await audit()).toEqual([]);
      expect(await bulk({ ...wanted, message: 'the disk is back' })).toEqual({
        changed: 3,
        skipped,
        more: false,
      });
      expect(await statuses()).toEqual(['queued', 'queued', 'queued', 'failed', 'running']);
      expect(await audit()).toEqual([
        {
          action: 'jobs.retry',
          actor: 'key:admin',
          filter: { kind: ['import'] },
          message: 'the disk is back',
          changed: 3,
          skipped: { still_active: 1 },
        },
      ]);
      const { body } = await desk.ask('GET', '/jobs/1/events');
      expect(body.items.at(-1)).toMatchObject({
        kind: 'status',
        status: 'queued',
        cause: 'retry',
        attempt: 2,
        message: 'the disk is back',
        actor: 'key:admin',
      });
    });

    test('leaves jobs whose target is busy, and takes each target once', async () => {
      const jobs = await create(
        ...many(2, { status: 'failed', target: 'FREE' }),
        { status: 'failed', target: 'BUSY' },
        { status: 'running', target: 'BUSY' },
        { status: 'failed' },
      );
      const wanted = { action: 'retry', ids: jobs };
      const skipped = [
        { reason: 'target_busy', count: 2 },
        { reason: 'still_active', count: 1 },
      ];
      expect(await bulk({ ...wanted, dryRun: true })).toMatchObject({ matches: 5, applicable: 2, skipped });
      expect(await bulk(wanted)).toMatchObject({ changed: 2, skipped });
      expect(await statuses()).toEqual(['queued', 'failed', 'failed', 'running', 'queued']);
      const targets = await store.read
        .selectFrom('targets')
        .select(['name', 'active_job_id', 'last_job_id'])
        .orderBy('name')
        .execute();
      expect(targets).toEqual([
        { name: 'BUSY', active_job_id: jobs[3], last_job_id: jobs[3] },
        { name: 'FREE', active_job_id: jobs[0], last_job_id: jobs[0] },
      ]);
    });

    test('goes on over several transactions, with one entry in the audit', async () => {
      await create(...many(1_000, { status: 'failed' }));
      await create(...many(100, { status: 'failed' }));
      expect(await bulk({ action: 'retry', filter: { status: 'failed' } })).toEqual({
        changed: 1_100,
        skipped: [],
        more: false,
      });
      expect(new Set(await statuses())).toEqual(new Set(['queued']));
      expect(await audit()).toMatchObject([{ action: 'jobs.retry', changed: 1_100 }]);
    }, 60_000);
  });

  describe('half of it', () => {
    const parts = () => ({
      store,
      appender: desk.house.appender,
      clock: desk.clock,
      log: pino({ level: 'silent' }),
    });
    const appenderOn = (write: Store['write']) =>
      new Appender({ store: { ...store, write }, clock: desk.clock, estimateEnd: () => null });
    const retryAll = bulkActionSchema.parse({ action: 'retry', filter: { status: 'failed' } });

    test('is done, and told, when the rest fails', async () => {
      await create(...many(600, { status: 'failed' }));
      let writes = 0;
      const appender = appenderOn((work) => {
        if (++writes === 2) return Promise.reject(new Error('the disk is full'));
        return store.write(work);
      });
      const { signal } = new AbortController();
      const outcome = await actOnMany({ ...parts(), appender }, actorOf(), retryAll, signal);
      expect(outcome).toEqual({ changed: 500, skipped: [], more: false, interrupted: expect.any(String) });
      expect((await statuses()).filter((status) => status === 'queued')).toHaveLength(500);
      expect(await audit()).toMatchObject([{ changed: 500 }]);
    });

    test('is what is done when whoever asked goes away', async () => {
      await create(...many(600, { status: 'failed' }));
      const asking = new AbortController();
      const appender = appenderOn((work) => {
        asking.abort();
        return store.write(work);
      });
      const outcome = await actOnMany({ ...parts(), appender }, actorOf(), retryAll, asking.signal);
      expect(outcome).toMatchObject({ changed: 500, interrupted: expect.any(String) });
    });

    test('is nothing when the first of it fails', async () => {
      await create({ status: 'failed' });
      const appender = appenderOn(() => Promise.reject(new Error('the disk is full')));
      const { signal } = new AbortController();
      await expect(actOnMany({ ...parts(), appender }, actorOf(), retryAll, signal)).rejects.toThrow('disk');
      expect(await audit()).toEqual([]);
    });

    test('is counted whole beforehand', async () => {
      await create(...many(600, { status: 'failed', target: 'SAME' }));
      expect(await previewAction(parts(), actorOf(), retryAll)).toEqual({
        matches: 600,
        applicable: 1,
        skipped: [{ reason: 'target_busy', count: 599 }],
        more: false,
      });
      const { signal } = new AbortController();
      expect(await actOnMany(parts(), actorOf(), retryAll, signal)).toMatchObject({ changed: 1 });
    });
  });

  describe('cancel of many', () => {
    test('ends what has not ended, and lets targets and leases go', async () => {
      await create(
        { execution: 'claimed', target: 'T' },
        { status: 'unknown' },
        { status: 'succeeded' },
        { status: 'canceled' },
      );
      const [claimed] = await claim(1);
      expect(await bulk({ action: 'cancel', ids: [1, 2, 3, 4] })).toEqual({
        changed: 2,
        skipped: [{ reason: 'already_ended', count: 2 }],
        more: false,
      });
      expect(await statuses()).toEqual(['canceled', 'canceled', 'succeeded', 'canceled']);
      const leases = [{ jobId: 1, leaseToken: claimed?.leaseToken }];
      expect((await desk.ask('POST', '/queue/heartbeat', { leases })).body.items).toEqual([
        { jobId: 1, held: false, reason: 'canceled' },
      ]);
      expect((await desk.ask('GET', '/targets/T')).body.activeJobId).toBeNull();
    });
  });

  describe('requeue of many', () => {
    test('takes running claimed jobs from their workers, and others get them at once', async () => {
      await create(...many(3, { execution: 'claimed' }), { status: 'running' }, { status: 'succeeded' });
      const [claimed] = await claim(2);
      expect(await bulk({ action: 'requeue', ids: [1, 2, 3, 4, 5] })).toEqual({
        changed: 2,
        skipped: [
          { reason: 'not_running', count: 1 },
          { reason: 'not_claimed', count: 2 },
        ],
        more: false,
      });
      expect(await statuses()).toEqual(['queued', 'queued', 'queued', 'running', 'succeeded']);
      const items = [{ jobId: 1, leaseToken: claimed?.leaseToken, status: 'succeeded' }];
      expect((await desk.ask('POST', '/queue/complete', { items })).body.items).toMatchObject([
        { jobId: 1, ok: false, code: 'lease_lost' },
      ]);
      expect((await claim(3)).map(({ job }) => job.id)).toEqual([1, 2, 3]);
      const { body } = await desk.ask('GET', '/jobs/1/events');
      expect(body.items.filter(({ cause }: { cause: string }) => cause === 'requeue')).toMatchObject([
        { status: 'queued', message: 'It was taken from its worker and waits again.', actor: 'key:admin' },
      ]);
    });

    test('leaves a parent to its children once its own work is done; a job that runs without a lease is taken', async () => {
      await create({ execution: 'claimed', endsWithChildren: true });
      await create({ execution: 'claimed', parentId: 1, priority: -1 });
      const [parent] = await claim(1);
      const items = [{ jobId: 1, leaseToken: parent?.leaseToken, status: 'succeeded' }];
      expect((await desk.ask('POST', '/queue/complete', { items })).body.items[0].status).toBe('running');
      // As a version of Daybook left it in which anybody could turn a job that had lost its worker.
      await store.write(({ db }) =>
        db.updateTable('jobs').set({ status: 'running', lease_ended: 'lost' }).where('id', '=', 2).execute(),
      );
      expect(await bulk({ action: 'requeue', ids: [1, 2] })).toEqual({
        changed: 1,
        skipped: [{ reason: 'not_running', count: 1 }],
        more: false,
      });
      expect((await claim(2)).map(({ job }) => job.id)).toEqual([2]);
    });
  });

  test('nobody acts on jobs that they do not see', async () => {
    await create({ status: 'failed', project: 'a' }, { status: 'failed', project: 'b' });
    const key = await desk.key('editor', 'a');
    const skipped = [{ reason: 'not_found', count: 2 }];
    expect(await bulk({ action: 'retry', ids: [1, 2, 99], dryRun: true }, key)).toMatchObject({
      matches: 3,
      applicable: 1,
      skipped,
    });
    expect(await bulk({ action: 'cancel', filter: { project: ['a', 'b'] } }, key)).toMatchObject({
      changed: 0,
      skipped: [{ reason: 'already_ended', count: 1 }],
    });
    expect(await bulk({ action: 'retry', ids: [1, 2, 99] }, key)).toMatchObject({ changed: 1, skipped });
    expect(await statuses()).toEqual(['queued', 'failed']);
  });
});

test.each([
  [{ action: 'retry' }, 'filter'],
  [{ action: 'retry', filter: {} }, 'filter'],
  [{ action: 'retry', filter: { status: '' } }, 'filter'],
  [{ action: 'retry', filter: { colour: 'red' } }, 'filter'],
  [{ action: 'retry', filter: { kind: 'x' }, ids: [1] }, 'filter'],
  [{ action: 'retry', ids: [] }, 'ids'],
  [{ action: 'retry', ids: Array(10_001).fill(1) }, 'ids'],
  [{ action: 'delete', ids: [1] }, 'action'],
])('number %# of what does not fit is refused', (body, path) => {
  expect(bulkActionSchema.safeParse(body).error?.issues[0]?.path[0]).toBe(path);
});

test('filters may be written as JSON has them, or as in an address', () => {
  const filterOf = (filter: object) => bulkActionSchema.parse({ action: 'retry', filter }).filter;
  expect(filterOf({ status: ['failed'], stalled: true })).toEqual(
    filterOf({ status: 'failed', stalled: 'true' }),
  );
});
