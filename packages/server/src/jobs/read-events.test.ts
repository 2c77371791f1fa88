import type { JobEvent } from '@daybook/core';
import { beforeAll, expect, test } from 'vitest';
import { encodeCursor } from '../paging.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { type EventsQuery, readEvents } from './read-events.ts';
import { actorOf, type Diary, diaryOn } from './testing/diary.ts';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let diary: Diary;
  let id: number;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    diary = diaryOn(store);
    id = (await diary.create()).id;
    const other = await diary.create();
    for (let i = 0; i < 40; i++) {
      await diary.report(other.id, { kind: 'log', message: 'of another job' });
      await diary.report(
        id,
        { kind: 'log', message: `${i} a`, stream: 'stderr' },
        ...(i % 3 === 0 ? [{ kind: 'link', message: `${i} b` } as const] : []),
        { kind: 'log', message: `${i} c`, step: 'one' },
      );
    }
  });
  const said = [
    'created',
    ...Array.from({ length: 40 }, (_, i) => [`${i} a`, ...(i % 3 ? [] : [`${i} b`]), `${i} c`]),
  ].flat();

  const read = (query: Partial<EventsQuery>, scope = diary.admin.scope) =>
    store.snapshot((db) => readEvents(db, scope, id, { sort: 'id', limit: 100, ...query }));
  const pages = async (query: Partial<EventsQuery>): Promise<JobEvent[]> => {
    const found: JobEvent[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await read({ ...query, ...(cursor && { cursor }) });
      found.push(...(page?.items ?? []));
      cursor = page?.nextCursor;
      if (cursor === undefined) return found;
    }
  };
  const texts = (events: readonly JobEvent[]) => events.map((event) => event.message ?? event.kind);

  test.each([1, 3, 7, 100])(
    'facts and log lines are merged in order, %i at a time, both ways',
    async (limit) => {
      expect(texts(await pages({ limit }))).toEqual(said);
      expect(texts(await pages({ limit, sort: '-id' }))).toEqual(said.toReversed());
    },
  );

  test('kinds narrow', async () => {
    expect(texts(await pages({ kind: ['link'], limit: 5 }))).toEqual(
      said.filter((text) => text.endsWith('b')),
    );
    expect(texts(await pages({ kind: ['log'], limit: 5 }))).toEqual(
      said.filter((text) => /[ac]$/.test(text)),
    );
    const both = await pages({ kind: ['created', 'log'], limit: 4 });
    expect(texts(both)).toEqual(said.filter((text) => !text.endsWith('b')));
    expect(both[1]).toMatchObject({ kind: 'log', stream: 'stderr', step: null, jobId: id });
  });

  test('pages lose nothing that comes meanwhile', async () => {
    const mine = await diary.create();
    const found: number[] = [];
    let cursor: string | undefined;
    let written = 0;
    const writing = (async () => {
      for (; written < 60; written++)
        await diary.report(mine.id, { kind: written % 2 ? 'log' : 'link', message: `${written}` });
    })();
    for (;;) {
      // Asked before the page is read: what is written after that is on the next one.
      const over = written === 60;
      const page = await store.snapshot((db) =>
        readEvents(db, diary.admin.scope, mine.id, { sort: 'id', limit: 3, ...(cursor && { cursor }) }),
      );
      found.push(...(page?.items ?? []).map((event) => event.id));
      if (page?.nextCursor !== undefined) cursor = page.nextCursor;
      else if (!over) {
        await new Promise((resolve) => setImmediate(resolve));
        found.splice(found.length - (page?.items.length ?? 0));
      } else break;
    }
    await writing;
    expect(found).toHaveLength(61);
    expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
  });

  test('who does not see the job sees none of it', async () => {
    expect(await read({}, actorOf({}, { projects: ['x'] }).scope)).toBeUndefined();
  });

  test.each(['x', encodeCursor('-id', [5]), encodeCursor('id', [1.5]), encodeCursor('id', ['5'])])(
    'a cursor of another list is refused: %s',
    async (cursor) => {
      await expect(read({ cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    },
  );
});
