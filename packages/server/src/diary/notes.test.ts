import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HouseDesk } from '../http/testing/house-desk.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { keepImage, readImage } from './images.ts';

/** The smallest PNG there is: one transparent dot. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let desk: HouseDesk;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    desk = new HouseDesk(store);
  });
  afterAll(() => desk.close());

  const create = async (more: object = {}): Promise<number> =>
    (await desk.ask('POST', '/jobs', { name: 'a job', ...more })).body.id;

  describe('the history of fields', () => {
    test('tells of every field who changed it when, from what to what; also of edits of many jobs', async () => {
      const id = await create({ status: 'finished', info: 'as it came', tags: ['b', 'a'] });
      const editor = await desk.key('editor');
      const saved = { version: 1, info: 'as I know it', assessment: 'ok', baseRuns: ['1234'] };
      await desk.ask('PATCH', `/jobs/${id}`, saved, editor);
      await desk.ask('PATCH', `/jobs/${id}`, { version: 2, status: 'failed' });
      await desk.ask('POST', '/jobs/bulk-edit', {
        ids: [id],
        changes: { assessment: 'issue', removeTags: ['b'] },
      });
      const { body } = await desk.ask('GET', `/jobs/${id}/history`);
      expect(body.items).toMatchObject([
        { field: 'assessment', from: 'ok', to: 'issue', actor: 'key:admin' },
        { field: 'tags', from: ['a', 'b'], to: ['a'] },
        { field: 'status', from: 'finished', to: 'failed', actor: 'key:admin' },
        { field: 'info', from: 'as it came', to: 'as I know it', actor: 'key:editor' },
        { field: 'assessment', from: null, to: 'ok' },
        { field: 'baseRuns', from: [], to: ['1234'] },
      ]);
      const first = (await desk.ask('GET', `/jobs/${id}/history?limit=2`)).body;
      expect(first.items).toHaveLength(3);
      const rest = (await desk.ask('GET', `/jobs/${id}/history?limit=2&cursor=${first.nextCursor}`)).body;
      expect(rest.items).toEqual(body.items.slice(3));
      expect(rest.nextCursor).toBeUndefined();
    });

    test('of a job without changes is empty, of one that is not to be seen not found', async () => {
      const id = await create({ project: 'theirs' });
      expect((await desk.ask('GET', `/jobs/${id}/history`)).body).toEqual({ items: [] });
      const stranger = await desk.key('viewer', 'mine');
      expect((await desk.ask('GET', `/jobs/${id}/history`, undefined, stranger)).status).toBe(404);
    });
  });

  describe('an image', () => {
    test('is kept once, and read by whoever sees the job', async () => {
      const id = await create({ project: 'theirs' });
      const made = await desk.ask('POST', `/jobs/${id}/images`, { name: 'plot.png', content: PNG });
      expect(made).toMatchObject({ status: 201, body: { name: 'plot.png', type: 'image/png', size: 70 } });
      const again = await desk.ask('POST', `/jobs/${id}/images`, { content: PNG });
      expect([again.status, again.body]).toEqual([200, made.body]);
      expect((await desk.ask('GET', `/jobs/${id}/images`)).body.items).toEqual([made.body]);
      const { content } = await readImage(store.read, actorOf(), id, made.body.id);
      expect(Buffer.from(content).toString('base64')).toBe(PNG);
      const stranger = await desk.key('viewer', 'mine');
      const path = made.body.path.replace('/api/v1', '');
      expect((await desk.ask('GET', path, undefined, stranger)).status).toBe(404);
      const other = await create();
      expect((await desk.ask('GET', `/jobs/${other}/images/${made.body.id}`)).status).toBe(404);
      expect((await desk.ask('DELETE', path)).status).toBe(204);
      expect((await desk.ask('GET', path)).status).toBe(404);
    });

    test.each([
      ['a page', Buffer.from('<html><script>alert(1)</script>').toString('base64')],
      [
        'a drawing that can run scripts',
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64'),
      ],
      [
        'too large',
        Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(4 * 1024 * 1024)]).toString('base64'),
      ],
      ['no base64', '<svg>'],
    ])('that is %s is refused', async (_, content) => {
      const { status, body } = await desk.ask('POST', `/jobs/${await create()}/images`, { content });
      expect([status, body.errors?.[0]?.path]).toEqual([400, 'content']);
    });

    test('is one of a hundred at most', async () => {
      const id = await create();
      const upload = (n: number) => ({
        name: 'n',
        content: Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.from([n])]).toString('base64'),
      });
      for (let n = 0; n < 100; n++) await keepImage({ store, clock: desk.clock }, actorOf(), id, upload(n));
      expect((await desk.ask('POST', `/jobs/${id}/images`, upload(100))).body.code).toBe('conflict');
    });
  });
});
