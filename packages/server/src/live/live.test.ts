import { nobody } from '@daybook/core';
import type { KyselyPlugin, RootOperationNode } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type Diary, diaryOn } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { Tail } from './tail.ts';
import { StreamReader } from './testing/stream-reader.ts';

const silent = pino({ level: 'silent' });

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  let diary: Diary;
  let tail: Tail;
  const readers: StreamReader[] = [];

  beforeAll(async () => {
    database = await newDatabase();
    store = database.open();
    diary = diaryOn(store);
    tail = new Tail(store, silent);
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.cut();
    expect(tail.followers).toBe(0);
  });

  type Parts = Partial<ConstructorParameters<typeof StreamReader>[0]>;
  const reader = (parts: Parts = {}, options = {}) => {
    const made = new StreamReader({ store, tail, ...parts }, options);
    readers.push(made);
    return made;
  };
  const messages = (from: StreamReader) =>
    from.messages.map(({ event, data }) => [event, data.message ?? data.id]);

  test('says hello at once, then the row and each fact in order', async () => {
    const job = await diary.create();
    const watching = await reader().start();
    await watching.until((r) => r.messages.length > 0);
    expect(watching.messages[0]).toMatchObject({ event: 'hello', id: watching.messages[0]?.data.position });
    await diary.report(job.id, { kind: 'link', message: 'a' }, { kind: 'link', message: 'b' });
    await watching.until((r) => r.said.length === 2);
    expect(watching.said).toEqual(['a', 'b']);
    const row = watching.messages.findIndex(({ event, data }) => event === 'job' && data.id === job.id);
    const fact = watching.messages.findIndex(({ event, data }) => event === 'event' && data.jobId === job.id);
    expect(row).toBeGreaterThan(0);
    expect(row).toBeLessThan(fact);
    expect(watching.messages[row]?.data).toMatchObject({ id: job.id, status: 'queued' });
  });

  test('tells of facts that are committed while it starts', async () => {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const horizon: Store['profile']['horizon'] = async (db) => {
      const position = await store.profile.horizon(db);
      asked.resolve();
      await gate.promise;
      return position;
    };
    const slow = { ...store, profile: { ...store.profile, horizon } };
    const slowTail = new Tail(slow, silent);
    const early = reader({ store: slow, tail: slowTail });
    const late = reader({ store: slow, tail: slowTail });
    const started = [early.start(), late.start()];
    await asked.promise;
    const job = await diary.create();
    gate.resolve();
    await Promise.all(started);
    for (const each of [early, late]) {
      await each.until((r) => r.facts.some((fact) => fact.jobId === job.id));
      expect(each.facts.at(-1)).toMatchObject({ kind: 'created', jobId: job.id });
    }
  });

  test('sends log lines only of the jobs asked for', async () => {
    const [asked, other] = [await diary.create(), await diary.create()];
    const watching = await reader({ interest: { logJobs: [asked.id] } }).start();
    const plain = await reader().start();
    for (const { id } of [other, asked])
      await diary.report(
        id,
        { kind: 'log', message: `line of ${id}` },
        { kind: 'link', message: `link of ${id}` },
      );
    for (const each of [watching, plain]) await each.until((r) => r.said.includes(`link of ${asked.id}`));
    expect(watching.said).toEqual([`link of ${other.id}`, `line of ${asked.id}`, `link of ${asked.id}`]);
    expect(plain.said).toEqual([`link of ${other.id}`, `link of ${asked.id}`]);
  });

  test('misses no log line when it comes while the tail is reading', async () => {
    const job = await diary.create();
    const held = holdEvents();
    const slow = { ...store, read: store.read.withPlugin(held.plugin) };
    const slowTail = new Tail(slow, silent);
    await reader({ store: slow, tail: slowTail }).start();
    held.hold();
    await diary.report(job.id, { kind: 'log', message: 'first' }, { kind: 'link', message: 'second' });
    await held.reached;
    const watching = await reader({ tail: slowTail, interest: { logJobs: [job.id] } }).start();
    held.release();
    await watching.until((r) => r.said.length === 2);
    expect(watching.said).toEqual(['first', 'second']);
  });

  test('narrows to jobs, to filters, and to what its reader may see', async () => {
    const project = `wing-${engine}`;
    const [mine, foreign] = [await diary.create({ project }), await diary.create({ project: 'tail' })];
    const ofJob = await reader({ interest: { jobs: [mine.id] } }).start();
    const ofProject = await reader({ interest: { filter: { project: [project] } } }).start();
    const insider = await reader({ scope: { ...nobody, projects: [project] } }).start();
    const outsider = await reader({ scope: nobody, interest: { logJobs: [mine.id] } }).start();
    for (const { id } of [foreign, mine])
      await diary.report(id, { kind: 'log', message: 'x' }, { kind: 'link', message: `of ${id}` });
    for (const each of [ofJob, ofProject, insider]) {
      await each.until((r) => r.said.length > 0);
      expect(each.said).toEqual([`of ${mine.id}`]);
      expect(new Set(each.messages.slice(1).map(({ data }) => data.jobId ?? data.id))).toEqual(
        new Set([mine.id]),
      );
    }
    // A grant that was taken away ends with the next fact.
    insider.watcher.scope = nobody;
    await diary.report(mine.id, { kind: 'link', message: 'secret' });
    await ofJob.until((r) => r.said.length === 2);
    expect(insider.said).toHaveLength(1);
    expect(outsider.messages.map(({ event }) => event)).toEqual(['hello']);
  });

  test('tells customers of rows as they see them, and nothing else, and lets them resume', async () => {
    const job = await diary.create({ customer: '142', user: 'secret' });
    const first = await reader({ outside: true }).start();
    await first.until((r) => r.messages.length > 0);
    const rowsOf = (from: StreamReader, id: number) =>
      from.messages.filter(({ event, data }) => event === 'job' && data.id === id);
    await diary.report(job.id, { kind: 'link', message: 'secret' });
    await first.until((r) => rowsOf(r, job.id).length > 0);
    const hello = first.messages[0]?.id;
    expect(first.lastId).not.toBe(hello);
    first.cut();
    const missed = await diary.create({ customer: '142', user: 'secret' });
    const second = await reader({ outside: true }).start(first.lastId);
    await second.until((r) => rowsOf(r, missed.id).length > 0);
    // What was told before is not told again.
    expect(rowsOf(second, job.id)).toEqual([]);
    for (const each of [first, second]) {
      expect(new Set(each.messages.map(({ event }) => event))).toEqual(new Set(['hello', 'job']));
      expect(JSON.stringify(each.messages)).not.toContain('secret');
    }
  });

  test('loses nothing and repeats nothing over reconnects while several write', async () => {
    // On PostgreSQL the writers are processes of their own: their transactions commit out of order.
    const others = engine === 'postgres' ? [diary, diaryOn(database.open())] : [diary];
    const jobs = await diary.createMany(Array.from({ length: 8 }, () => ({ project: 'reconnect' })));
    const first = await reader({ interest: { filter: { project: ['reconnect'] } } }).start();
    await first.until((r) => r.lastId !== undefined);
    const start = first.lastId;
    let writing = true;
    const written = Promise.all(
      jobs.map(async ({ id }, w) => {
        for (let i = 0; i < 60; i++)
          await (others[w % others.length] as Diary).report(id, { kind: 'link', message: `${id}/${i}` });
      }),
    ).then(() => {
      writing = false;
    });
    const seen: string[] = [];
    const ids: number[] = [];
    let position = start as string;
    for (let round = 0; writing || seen.length < 8 * 60; round++) {
      const each = await reader({ interest: { filter: { project: ['reconnect'] } } }).start(position);
      const enough = 1 + ((round * 7) % 40);
      const left = 8 * 60 - seen.length;
      await each.until((r) => r.said.length >= Math.min(enough, left));
      each.cut();
      seen.push(...each.said);
      ids.push(...each.facts.map((fact) => fact.id));
      position = each.lastId ?? position;
    }
    await written;
    expect(seen).toHaveLength(8 * 60);
    expect(new Set(seen).size).toBe(8 * 60);
    for (const { id } of jobs) {
      const own = seen.filter((message) => message.startsWith(`${id}/`));
      expect(own).toEqual(Array.from({ length: 60 }, (_, i) => `${id}/${i}`));
    }
    if (engine === 'sqlite') expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  test('whoever is ahead of the tail is told nothing twice', async () => {
    // Resumed at another process, whose tail has not read so far yet.
    const job = await diary.create();
    const ahead = await reader().start();
    await diary.report(job.id, { kind: 'link', message: 'known' });
    await ahead.until((r) => r.said.length === 1);
    const held = holdEvents();
    const behind = { ...store, read: store.read.withPlugin(held.plugin) };
    const behindTail = new Tail(behind, silent);
    await reader({ store: behind, tail: behindTail }).start();
    held.hold();
    await diary.report(job.id, { kind: 'link', message: 'known, too' });
    await ahead.until((r) => r.said.length === 2);
    await held.reached;
    const resumed = await reader({ tail: behindTail }).start(ahead.lastId);
    held.release();
    await diary.report(job.id, { kind: 'link', message: 'new' });
    await resumed.until((r) => r.said.length > 0);
    expect(resumed.said).toEqual(['new']);
  });

  test('tells who is too far behind to load again, and goes on from there', async () => {
    const job = await diary.create();
    const before = await reader().start();
    await before.until((r) => r.lastId !== undefined);
    const position = before.lastId;
    before.cut();
    const links = Array.from({ length: 4_000 }, (_, i) => ({ kind: 'link', message: String(i) }) as const);
    for (let i = 0; i < 3; i++) await diary.report(job.id, ...links);
    // On PostgreSQL a transaction anywhere else may hold up what the tail reads, and they would come as news.
    const other = await diary.create();
    const mark = await reader({ interest: { jobs: [other.id] } }).start();
    await diary.report(other.id, { kind: 'link', message: 'mark' });
    await mark.until((r) => r.said.length > 0);
    const back = await reader().start(position);
    await back.until((r) => r.messages.some(({ event }) => event === 'reset'));
    const told = back.messages.findIndex(({ event }) => event === 'reset');
    expect(back.messages[told]?.id).toBe(back.messages[told]?.data.position);
    await diary.report(job.id, { kind: 'link', message: 'after' });
    await back.until((r) => r.said.at(-1) === 'after');
    expect(messages(back).slice(told + 1)).toEqual([
      ['job', job.id],
      ['event', 'after'],
    ]);
  });

  test('tells a reader to load again that is ahead of all there is, and goes on from here', async () => {
    const job = await diary.create();
    const ahead = await reader().start('99999999-99999999');
    await ahead.until((r) => r.messages.some(({ event }) => event === 'reset'));
    await diary.report(job.id, { kind: 'link', message: 'seen' });
    await ahead.until((r) => r.said.at(-1) === 'seen');
  });

  test('drops a reader that does not read, which then resumes where it was', async () => {
    const job = await diary.create();
    const slow = await reader({}, { reads: false }).start();
    const big = { kind: 'link', message: 'x'.repeat(30_000) } as const;
    for (let i = 0; i < 6 && !slow.dropped; i++) {
      const fast = await reader().start();
      await diary.report(job.id, ...Array.from({ length: 20 }, () => big));
      await fast.until((r) => r.said.length === 20);
      fast.cut();
    }
    expect(slow.dropped).toBe(true);
    expect(slow.outlet.destroyed).toBe(true);
  });

  test('a reader that resumes gets megabytes of the past as fast as it takes them', async () => {
    const job = await diary.create();
    const before = await reader().start();
    await before.until((r) => r.lastId !== undefined);
    before.cut();
    const big = { kind: 'link', message: 'x'.repeat(5_000) } as const;
    await diary.report(job.id, ...Array.from({ length: 2_500 }, () => big));
    const back = await reader({}, { reads: 'slowly' }).start(before.lastId);
    await back.until((r) => r.said.length === 2_500 || r.outlet.destroyed);
    expect(back.dropped).toBe(false);
    expect(back.said).toHaveLength(2_500);
  });
});

/** The horizon of SQLite is a counter of the name, hence the look at the table alone. */
function isOnEvents(node: RootOperationNode): boolean {
  return node.kind === 'SelectQueryNode' && JSON.stringify(node.from).includes('"events"');
}

/** Holds back the answers of queries on events, as a slow database would. */
function holdEvents() {
  let gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let holding = false;
  gate.resolve();
  const held = new WeakSet<object>();
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      if (holding && isOnEvents(node)) held.add(queryId);
      return node;
    },
    transformResult: async ({ result, queryId }) => {
      if (held.has(queryId)) {
        reached.resolve();
        await gate.promise;
      }
      return result;
    },
  };
  return {
    plugin,
    reached: reached.promise,
    hold: () => {
      holding = true;
      gate = Promise.withResolvers();
    },
    release: () => {
      holding = false;
      gate.resolve();
    },
  };
}
