import type { JobCreateBody, Target } from '@daybook/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HouseDesk } from '../http/testing/house-desk.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let desk: HouseDesk;
  const jobs: number[] = [];
  const create = async (job: JobCreateBody): Promise<number> => {
    const { status, body } = await desk.ask('POST', '/jobs', { name: 'import', ...job });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body.id;
  };
  const list = async (query = '', key?: string) => {
    const { body } = await desk.ask('GET', `/targets${query}`, undefined, key);
    return body as { items: Target[]; nextCursor?: string; code?: string };
  };
  const names = async (query = '', key?: string) => (await list(query, key)).items.map(({ name }) => name);

  beforeAll(async () => {
    store = (await newDatabase()).open();
    desk = new HouseDesk(store);
    jobs.push(
      await create({ target: 'BIRTH', operation: 'ADD', status: 'succeeded', user: 'doea', project: 'a' }),
      await create({ target: 'BIRTH', operation: 'CHANGE', user: 'roej', project: 'b' }),
      await create({ target: 'DEATH', operation: 'ADD', status: 'running', project: 'b' }),
      await create({ target: 'a/b, ü%', operation: 'ADD', project: 'b' }),
      await create({ project: 'a' }),
    );
  });
  afterAll(() => desk.close());

  describe('targets', () => {
    test('are told by name, with the last of their jobs and the one that holds them', async () => {
      const { items } = await list();
      expect(items.map(({ name, activeJobId, lastJob }) => [name, activeJobId, lastJob.id]).sort()).toEqual([
        ['BIRTH', jobs[1], jobs[1]],
        ['DEATH', jobs[2], jobs[2]],
        ['a/b, ü%', jobs[3], jobs[3]],
      ]);
      expect(items.find(({ name }) => name === 'BIRTH')).toEqual({
        name: 'BIRTH',
        group: null,
        activeJobId: jobs[1],
        lastJob: {
          id: jobs[1],
          name: 'import',
          status: 'queued',
          operation: 'CHANGE',
          user: 'roej',
          at: '2026-03-01T12:00:00.000Z',
        },
        updatedAt: '2026-03-01T12:00:00.000Z',
      });
    });

    test('are those of the jobs that one may see', async () => {
      const key = await desk.key('viewer', 'a');
      const { items } = await list('', key);
      expect(items.map(({ name, activeJobId, lastJob }) => [name, activeJobId, lastJob.id])).toEqual([
        ['BIRTH', null, jobs[0]],
      ]);
      const ask = async (path: string) => (await desk.ask('GET', path, undefined, key)).status;
      expect([
        await ask('/targets/BIRTH'),
        await ask('/targets/DEATH'),
        await ask('/targets/DEATH/jobs'),
      ]).toEqual([200, 404, 404]);
      const { body } = await desk.ask('GET', '/targets/BIRTH/jobs', undefined, key);
      expect(body.items.map(({ id }: { id: number }) => id)).toEqual([jobs[0]]);
    });

    test('are found by the beginning of their name, the status of their last job, and their group', async () => {
      expect(await names('?q=BI')).toEqual(['BIRTH']);
      expect(await names('?q=bi')).toEqual([]);
      expect(await names(`?q=${encodeURIComponent('a/b, ü%')}`)).toEqual(['a/b, ü%']);
      expect(await names('?q=%25')).toEqual([]);
      expect(await names('?status=running')).toEqual(['DEATH']);
      expect(await names('?status=succeeded')).toEqual([]);
      expect(await names('?group=none')).toEqual([]);
    });

    test('come in pages', async () => {
      const seen: string[] = [];
      let cursor = '';
      for (let page = 0; page < 3; page++) {
        const { items, nextCursor } = await list(`?limit=1${cursor}`);
        seen.push(...items.map(({ name }) => name));
        cursor = `&cursor=${nextCursor}`;
        expect(nextCursor === undefined).toBe(page === 2);
      }
      expect(seen.sort()).toEqual(['BIRTH', 'DEATH', 'a/b, ü%']);
      expect((await list('?cursor=x')).code).toBe('invalid_cursor');
    });

    test('have a history, the newest first', async () => {
      const ids = async (query: string) => {
        const { body } = await desk.ask('GET', `/targets/BIRTH/jobs${query}`);
        return [body.items.map(({ id }: { id: number }) => id), body.nextCursor];
      };
      expect(await ids('')).toEqual([[jobs[1], jobs[0]], undefined]);
      const [first, cursor] = await ids('?limit=1');
      expect([first, await ids(`?limit=1&cursor=${cursor}`)]).toEqual([[jobs[1]], [[jobs[0]], undefined]]);
      const odd = await desk.ask('GET', `/targets/${encodeURIComponent('a/b, ü%')}/jobs`);
      expect(odd.body.items.map(({ id }: { id: number }) => id)).toEqual([jobs[3]]);
      expect((await desk.ask('GET', '/targets/NONE/jobs')).body.code).toBe('not_found');
    });
  });

  describe('a group of targets', () => {
    let patched: number;
    beforeEach(async () => {
      patched = (await desk.ask('PATCH', '/targets/DEATH', { group: 'registers' })).status;
    });

    test('is where an admin puts them, and the audit knows who did', async () => {
      expect(patched).toBe(200);
      expect(await names('?group=registers')).toEqual(['DEATH']);
      const { body } = await desk.ask('PATCH', '/targets/DEATH', { group: null });
      expect(body).toMatchObject({ name: 'DEATH', group: null });
      const audit = await store.read
        .selectFrom('audit')
        .select(['actor', 'subject', 'detail'])
        .where('action', '=', 'target.group')
        .orderBy('id')
        .execute();
      expect(audit.map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail ?? '') }))).toEqual([
        { actor: 'key:admin', subject: 'target:DEATH', detail: { from: null, to: 'registers' } },
        { actor: 'key:admin', subject: 'target:DEATH', detail: { from: 'registers', to: null } },
      ]);
    });

    test('holds only targets that are there', async () => {
      expect((await desk.ask('PATCH', '/targets/NONE', { group: 'x' })).status).toBe(404);
      expect((await desk.ask('PATCH', '/targets/DEATH', {})).body.code).toBe('invalid_request');
      expect((await desk.ask('PATCH', '/targets/DEATH', { group: ' ' })).status).toBe(400);
    });
  });
});
