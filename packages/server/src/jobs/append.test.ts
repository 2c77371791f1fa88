import type { EventBody } from '@daybook/core';
import { jobStatuses, progressOf, stepStatuses } from '@daybook/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Store, Transaction } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { retryJob } from './edit-jobs.ts';
import { findDifferences } from './replay.ts';
import { actorOf, type Diary, diaryOn, eventInput } from './testing/diary.ts';

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
/** Lets the others have their turn: reading SQLite waits for nothing. */
const turn = () => new Promise((resolve) => setImmediate(resolve));
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  let diary: Diary;
  let both: readonly Diary[];
  beforeAll(async () => {
    database = await newDatabase();
    store = database.open();
    diary = diaryOn(store);
    both = [diary, engine === 'postgres' ? diaryOn(database.open()) : diary];
  });
  const get = (id: number) => diary.jobs.get(diary.admin.scope, id);
  const factsOf = (id: number) =>
    store.read.selectFrom('events').selectAll().where('job_id', '=', id).orderBy('id').execute();
  const differences = (ids: number[]) => store.snapshot((db) => findDifferences(db, ids));

  test('receipts say what was applied, and why not; the facts are kept all the same', async () => {
    const { id } = await diary.create({ steps: [{ tag: 'one' }] });
    const receipts = await diary.report(
      id,
      { kind: 'step', step: 'one', status: 'succeeded', at: '2026-01-01T00:00:00Z' },
      { kind: 'step', step: 'two', status: 'running' },
      { kind: 'status', status: 'succeeded', at: '2999-01-01T00:00:00Z' },
      { kind: 'status', status: 'running' },
      { kind: 'progress', percent: 3 },
      { kind: 'log', message: 'late' },
    );
    expect(receipts.map(({ applied, reason }) => reason ?? applied)).toEqual([
      true,
      'unknown_step',
      true,
      'illegal_transition',
      'job_is_over',
      true,
    ]);
    const facts = await factsOf(id);
    expect(facts.map(({ unapplied }) => unapplied)).toEqual([
      null,
      null,
      'unknown_step',
      null,
      'illegal_transition',
      'job_is_over',
    ]);
    // A clock that is ahead must not end a job in the future.
    expect(facts[3]?.at).toBe(facts[3]?.received_at);
    expect(facts[1]?.at).toBe(Date.UTC(2026, 0, 1));
    expect(receipts.map((each) => each.id)).toEqual(receipts.map((each) => each.id).sort((a, b) => a - b));
  });

  test.runIf(engine === 'postgres')('what is said of a running job writes none of its indexes', async () => {
    const { id } = await diary.create({ status: 'running', steps: [{ tag: 'one' }] });
    const event = eventInput({ kind: 'step', step: 'one', percent: 30 });
    // Of this connection, with what it did lately.
    const updates = async ({ db }: Transaction) => {
      const found = await sql<{ rows: number; hot: number }>`
        SELECT pg_stat_get_xact_tuples_updated('jobs'::regclass) AS rows,
          pg_stat_get_xact_tuples_hot_updated('jobs'::regclass) AS hot`.execute(db);
      return found.rows[0] ?? { rows: 0, hot: 0 };
    };
    const added = await diary.appender.write(async (transaction) => {
      const before = await updates(transaction);
      await diary.appender.appendWithin(transaction, { actor: diary.admin, entries: [{ jobId: id, event }] });
      const after = await updates(transaction);
      return { rows: after.rows - before.rows, hot: after.hot - before.hot };
    });
    expect(added).toEqual({ rows: 1, hot: 1 });
    expect(await get(id)).toMatchObject({ progress: 30 });
  });

  test('a batch that names a job one may not see stores nothing, and the others go on', async () => {
    const [mine, foreign] = [await diary.create({ project: 'p' }), await diary.create({ project: 'q' })];
    const actor = actorOf({ role: 'provider' }, { projects: ['p'] });
    const link = eventInput({ kind: 'link', message: 'x' });
    const [refused, fine] = await Promise.all([
      outcome(
        diary.appender.append({
          actor,
          entries: [mine.id, foreign.id].map((jobId) => ({ jobId, event: link })),
        }),
      ),
      diary.appender.append({ actor, entries: [{ jobId: mine.id, event: link }] }),
    ]);
    expect(refused).toMatchObject({ code: 'not_found' });
    expect(fine).toMatchObject([{ applied: true }]);
    expect((await factsOf(mine.id)).map(({ kind }) => kind)).toEqual(['created', 'link']);
    expect(await factsOf(foreign.id)).toHaveLength(1);
  });

  describe('a key', () => {
    test('makes an event once, in a batch, later, and in several places at once', async () => {
      const { id } = await diary.create();
      const keyed = { kind: 'link', message: 'x', key: 'k' } as const;
      const [first, twin] = await diary.report(id, keyed, keyed);
      expect(twin).toEqual({ id: first?.id, jobId: id, applied: false, duplicate: true });
      expect(await diary.report(id, keyed)).toEqual([twin]);
      const race = await Promise.all(
        times(50, (i) => (both[i % 2] as Diary).report(id, { kind: 'log', message: 'once', key: 'race' })),
      );
      expect(new Set(race.flat().map((receipt) => receipt.id)).size).toBe(1);
      expect(race.flat().filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(await factsOf(id)).toHaveLength(2);
      const lines = await store.read
        .selectFrom('log_lines')
        .select('message')
        .where('job_id', '=', id)
        .execute();
      expect(lines).toEqual([{ message: 'once' }]);
    });

    test('is one of its job alone', async () => {
      const [a, b] = [await diary.create(), await diary.create()];
      for (const { id } of [a, b])
        expect(await diary.report(id, { kind: 'link', message: 'x', key: 'same' })).toMatchObject([
          { applied: true },
        ]);
    });
  });

  test('many that report of one job at once lose nothing', async () => {
    const { id } = await diary.create({ steps: times(10, (i) => ({ tag: `s${i}` })) });
    await Promise.all(
      times(200, (i) =>
        (both[i % 2] as Diary).report(
          id,
          { kind: 'step', step: `s${i % 10}`, percent: i / 2 },
          { kind: 'log', message: `${i}` },
        ),
      ),
    );
    expect(await factsOf(id)).toHaveLength(201);
    expect((await get(id)).steps.map(({ percent }) => percent)).toEqual(times(10, (i) => (190 + i) / 2));
    expect(await differences([id])).toEqual([]);
  });

  test('those that write the same jobs in different orders get through', async () => {
    const jobs = await diary.createMany(times(6, () => ({})));
    await Promise.all(
      times(40, (i) => {
        const order = i % 2 ? jobs : jobs.toReversed();
        const { appender, admin } = both[i % 2] as Diary;
        return appender.append({
          actor: admin,
          entries: order.map((job) => ({ jobId: job.id, event: eventInput({ kind: 'link', message: 'x' }) })),
        });
      }),
    );
    for (const { id } of jobs) expect(await factsOf(id)).toHaveLength(41);
  });

  test('a job is never shown half changed', async () => {
    const { id } = await diary.create({ steps: [{ tag: 'a' }, { tag: 'b', points: 3 }] });
    let writing = true;
    const written = (async () => {
      for (let i = 1; i <= 150; i++)
        await diary.report(id, { kind: 'step', step: i % 2 ? 'a' : 'b', percent: (i * 2) / 3 });
      writing = false;
    })();
    const torn: unknown[] = [];
    while (writing) {
      await turn();
      for (const job of await Promise.all(times(4, () => get(id))))
        if (progressOf(job.status, job.steps, null, 0) !== job.progress) torn.push([job.progress, job.steps]);
    }
    await written;
    expect(torn).toEqual([]);
  });

  test('metadata is merged whoever writes it, and what it was created with stays', async () => {
    const { id } = await diary.create({ metadata: { a: 1, b: 2 }, parameters: { p: 1 } });
    await both[0]?.report(id, { kind: 'metadata', metadata: { b: null, c: { d: [1] } } });
    await both[1]?.report(id, { kind: 'metadata', metadata: { e: 'ü' } }, { kind: 'log', message: 'x' });
    expect(await get(id)).toMatchObject({ metadata: { a: 1, c: { d: [1] }, e: 'ü' }, parameters: { p: 1 } });
  });

  test('the row of any job is the replay of its events', async () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    const step = fc.constantFrom('one', 'two', 'three');
    const kinds = fc.oneof(
      fc.record({ kind: fc.constant('status'), status: fc.constantFrom(...jobStatuses) }),
      fc.record({ kind: fc.constant('step'), step, status: fc.constantFrom(...stepStatuses) }),
      fc.record({
        kind: fc.constant('step'),
        step,
        percent,
        metadata: fc.dictionary(fc.string(), fc.jsonValue()),
      }),
      fc.record({ kind: fc.constant('progress'), percent }),
      fc.record({
        kind: fc.constant('error'),
        message: fc.string(),
        status: fc.option(fc.constantFrom(...jobStatuses), { nil: undefined }),
      }),
      fc.record({ kind: fc.constant('metadata'), metadata: fc.dictionary(fc.string(), fc.jsonValue()) }),
      fc.record({ kind: fc.constant('log'), message: fc.string() }),
      fc.constant('retry' as const),
    );
    const made = {
      status: fc.constantFrom(...jobStatuses),
      steps: fc.boolean().map((own) => (own ? [{ tag: 'one' }, { tag: 'two', points: 4 }] : undefined)),
    };
    const ids: number[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.record(made),
        fc.array(fc.array(kinds, { maxLength: 6 }), { maxLength: 6 }),
        async (body, batches) => {
          const { id } = await diary.create(body);
          ids.push(id);
          // In turns, so that what one process remembers the other has changed.
          for (const [i, batch] of batches.entries()) {
            const events = batch.filter((each) => each !== 'retry') as EventBody[];
            if (events.length > 0) await (both[i % 2] as Diary).report(id, ...events.map(wellFormed));
            if (batch.includes('retry'))
              await outcome(retryJob(diary.appender, diary.admin, id, undefined, Date.now()));
          }
          expect(await differences([id])).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
    expect(await differences(ids)).toEqual([]);
  }, 60_000);

  test('a row that was tampered with is told', async () => {
    const { id } = await diary.create({ steps: [{ tag: 'one' }] });
    await diary.report(id, { kind: 'step', step: 'one', percent: 50 });
    await store.write(({ db }) => sql`UPDATE jobs SET progress = 51 WHERE id = ${id}`.execute(db));
    await store.write(({ db }) =>
      sql`UPDATE steps SET status = 'succeeded' WHERE job_id = ${id}`.execute(db),
    );
    await store.write(({ db }) =>
      sql`UPDATE events SET unapplied = 'job_is_over' WHERE job_id = ${id} AND kind = 'step'`.execute(db),
    );
    expect((await differences([id])).map(({ what }) => what.replace(/\d{2,}|\d+$/, 'N'))).toEqual([
      'event N',
      'progress',
      'steps[0]',
    ]);
  });

  test('a commit that fails leaves nothing behind, in the memory of the writer neither', async () => {
    const { id } = await diary.create({ steps: [{ tag: 'one' }, { tag: 'two' }] });
    await diary.report(id, { kind: 'step', step: 'one', status: 'running' });
    const broken = outcome(
      diary.appender.write(async (transaction) => {
        const event = eventInput({ kind: 'step', step: 'one', status: 'succeeded' });
        await diary.appender.appendWithin(transaction, {
          actor: diary.admin,
          entries: [{ jobId: id, event }],
        });
        throw new Error('no');
      }),
    );
    const after = diary.report(id, { kind: 'step', step: 'two', percent: 10 });
    expect(await broken).toMatchObject({ message: 'no' });
    await after;
    expect((await get(id)).steps.map(({ status }) => status)).toEqual(['running', 'running']);
    expect(await differences([id])).toEqual([]);
  });

  test('a write that the database refuses late leaves nothing to those beside it', async () => {
    if (engine !== 'sqlite') return; // only there are jobs kept in memory, and writes put off past their task
    const { id } = await diary.create({ status: 'running' });
    await diary.report(id, { kind: 'progress', percent: 1 });
    await store.write(({ db }) =>
      sql`CREATE TRIGGER refuse BEFORE INSERT ON events WHEN NEW.message = 'refused'
        BEGIN SELECT RAISE(ABORT, 'refused'); END`.execute(db),
    );
    const write = (input: object) =>
      diary.appender.write((transaction) =>
        diary.appender.appendWithin(transaction, {
          actor: diary.admin,
          entries: [{ jobId: id, event: eventInput(input as never) }],
        }),
      );
    const [refused, beside] = await Promise.allSettled([
      write({ kind: 'progress', percent: 77, message: 'refused' }),
      write({ kind: 'link', message: 'fine' }),
    ]);
    expect([refused.status, beside.status]).toEqual(['rejected', 'fulfilled']);
    await store.write(({ db }) => sql`DROP TRIGGER refuse`.execute(db));
    expect(await get(id)).toMatchObject({ progress: 1 });
    expect(await differences([id])).toEqual([]);
  });
});

/** Without what the HTTP door refuses: NUL, lone surrogates, and a name that is no property. */
function wellFormed<T>(value: T): T {
  const text = JSON.stringify(value).replace(/\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, '?');
  return JSON.parse(text.replaceAll('"__proto__":', '"proto":'));
}
