import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type Diary, diaryOn, eventInput } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { Tail } from './tail.ts';
import { StreamReader } from './testing/stream-reader.ts';

/*
 * PostgreSQL's sequences do not wait for commits: of two processes that write at once, the one that took the smaller id
 * and transaction number may commit last. A reader that has gone past it by then would never see it.
 */
forEachEngine((engine, newDatabase) => {
  if (engine !== 'postgres') {
    test('one writer commits in order, so the last id is the horizon', async () => {
      const store = (await newDatabase()).open();
      const diary = diaryOn(store);
      await diary.create();
      expect(await store.profile.horizon(store.read)).toEqual({ tx: 0, id: 1 });
    });
    return;
  }

  let store: Store;
  let diary: Diary;
  let other: Diary;
  const readers: StreamReader[] = [];
  beforeAll(async () => {
    const database = await newDatabase();
    store = database.open();
    diary = diaryOn(store);
    other = diaryOn(database.open());
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.cut();
  });

  /** The first transaction takes its ids, the second one takes later ids and commits; then the first commits. */
  async function outOfOrder(watched: Store): Promise<StreamReader> {
    const [early, late] = [await diary.create(), await other.create()];
    const reader = new StreamReader({ store: watched, tail: new Tail(watched, pino({ level: 'silent' })) });
    readers.push(reader);
    await reader.start();
    const gate = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const first = diary.appender.write(async (transaction) => {
      const event = eventInput({ kind: 'link', message: 'committed last' });
      await diary.appender.appendWithin(transaction, {
        actor: diary.admin,
        entries: [{ jobId: early.id, event }],
      });
      written.resolve();
      await gate.promise;
    });
    await written.promise;
    await other.report(late.id, { kind: 'link', message: 'committed first' });
    // Whoever listens has heard of the first commit and looked once this answers.
    await reader.until((r) => r.messages.length > 0);
    await looked(watched);
    gate.resolve();
    await first;
    return reader;
  }

  /** Resolves when the tail has had its time to read what it was told of. */
  async function looked(watched: Store): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = watched.onFacts(resolve);
    await sql`SELECT pg_notify('daybook_facts', '')`.execute(watched.read);
    await promise;
    stop();
    for (let i = 0; i < 20; i++) await sql`SELECT pg_sleep(0.01)`.execute(watched.read);
  }

  test('a fact that is committed late is told all the same', async () => {
    const reader = await outOfOrder(store);
    await reader.until((r) => r.said.length === 2);
    expect(reader.said).toEqual(['committed last', 'committed first']);
  });

  test('without the horizon it would be lost', async () => {
    const newest: Store['profile']['horizon'] = async (db) => {
      const { tx } = await db
        .selectFrom('events')
        .select((eb) => eb.fn.max('tx').as('tx'))
        .executeTakeFirstOrThrow();
      return { tx: Number(tx), id: Number.MAX_SAFE_INTEGER };
    };
    const naive = { ...store, profile: { ...store.profile, horizon: newest } };
    const reader = await outOfOrder(naive);
    await other.report((await other.create()).id, { kind: 'link', message: 'later' });
    await reader.until((r) => r.said.includes('later'));
    expect(reader.said).toEqual(['committed first', 'later']);
  });
});
