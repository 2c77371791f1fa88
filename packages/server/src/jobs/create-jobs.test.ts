import { DaybookError, type Job, type JobCreateBody } from '@daybook/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { registerConfiguration } from '../configurations/configurations.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine, type TestDatabase } from '../storage/testing/engines.ts';
import { cancelJob, patchJob, retryJob } from './edit-jobs.ts';
import { readEvents } from './read-events.ts';
import { actorOf, type Diary, diaryOn } from './testing/diary.ts';

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

forEachEngine((engine, newDatabase) => {
  let database: TestDatabase;
  let store: Store;
  let diary: Diary;
  /** Two that write at once: on PostgreSQL processes of their own, on SQLite the one there is. */
  let both: readonly Diary[];
  beforeAll(async () => {
    database = await newDatabase();
    store = database.open();
    diary = diaryOn(store);
    both = [diary, engine === 'postgres' ? diaryOn(database.open()) : diary];
  });
  const of = (i: number) => both[i % 2] as Diary;
  const stored = async () =>
    (
      await store.read
        .selectFrom('jobs')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirst()
    )?.n;

  describe('jobs', () => {
    test('whose clock is ahead begin and end now, and are known again all the same', async () => {
      const ahead = new Date(Date.now() + 3_600_000).toISOString();
      const said = { submittedAt: ahead, startedAt: ahead, endedAt: ahead };
      const body = { status: 'failed', externalId: 'ahead', ...said } as const;
      const job = await diary.create(body);
      for (const at of [job.submittedAt, job.startedAt, job.endedAt]) expect(at).toBe(job.createdAt);
      expect((await diary.create(body)).id).toBe(job.id);
      const events = await readEvents(store.read, diary.admin.scope, job.id, { sort: 'id', limit: 1 });
      expect(events?.items[0]).toMatchObject({
        at: job.createdAt,
        metadata: { startedAt: job.createdAt, endedAt: job.createdAt },
      });
    });

    test('are created with all that was said of them', async () => {
      const body = {
        name: 'main_sled_simulation.key',
        kind: 'simulation',
        execution: 'watched',
        status: 'running',
        externalId: '1234567',
        source: 'cluster',
        operation: 'run',
        parameters: { cores: 48, nested: { a: [1, 'two', null] } },
        context: { queue: 'long' },
        metadata: { licence: 'x' },
        project: '3001234',
        user: 'doea',
        customer: 'acme',
        maxAttempts: 3,
        priority: -5,
        runAfter: '2026-01-02T03:04:05.678Z',
        solver: 'dyna',
        submitDirectory: '/a',
        jobDirectory: '/b',
        logFile: '/c',
        readmeFile: '/d',
        info: 'line\nline',
        analysisStatus: 'ongoing',
        assessment: 'ok',
        summary: 'ü 🚀',
        tags: ['b', 'a', 'b'],
        submittedAt: '2026-01-01T00:00:00.000Z',
        startedAt: '2026-01-01T00:01:00.000Z',
        steps: [{ tag: 'one', name: 'One', points: 2.5 }, { tag: 'two' }],
      } satisfies Partial<JobCreateBody>;
      const job = await diary.create(body);
      const { steps, ...rest } = body;
      expect(job).toMatchObject({
        ...rest,
        tags: ['a', 'b'],
        version: 1,
        attempt: 1,
        endedAt: null,
        progress: 0,
      });
      expect(job.steps.map(({ tag, name, points, status }) => [tag, name, points, status])).toEqual([
        ['one', 'One', 2.5, 'pending'],
        ['two', 'two', 1, 'pending'],
      ]);
      expect(await diary.jobs.get(diary.admin.scope, job.id)).toEqual(job);
    });

    test('take name and steps from their configuration, the latest version if none is named', async () => {
      const step = (tag: string) => ({ tag, name: tag, points: 1, metadata: [] });
      for (const version of ['1.9.0', '1.10.0'])
        await registerConfiguration(store, diary.jobs.clock, diary.admin, {
          tag: 'recipe',
          name: `Recipe ${version}`,
          version,
          steps: [step(`a-${version}`)],
        });
      const input = { name: undefined } as { name?: string };
      const latest = await diary.create({ ...input, configuration: 'recipe' });
      expect(latest).toMatchObject({
        name: 'Recipe 1.10.0',
        configuration: { tag: 'recipe', version: '1.10.0' },
      });
      expect(latest.steps.map(({ tag }) => tag)).toEqual(['a-1.10.0']);
      const old = await diary.create({ ...input, configuration: { tag: 'recipe', version: '1.9.0' } });
      expect(old.steps.map(({ tag }) => tag)).toEqual(['a-1.9.0']);
    });

    test('are created by the thousand, in order', async () => {
      const start = performance.now();
      const jobs = await diary.createMany(
        times(1_000, (i) => ({ name: `n${i}`, externalId: `thousand-${i}`, tags: ['x', 'y'], info: 'i' })),
      );
      console.info(`${engine}: 1,000 jobs created in ${Math.round(performance.now() - start)} ms`);
      expect(jobs.map((job) => job.name)).toEqual(times(1_000, (i) => `n${i}`));
      expect(jobs.map((job) => job.id)).toEqual(jobs.map((job) => job.id).sort((a, b) => a - b));
    });

    test('are created all or not at all, and every fault is told', async () => {
      const before = await stored();
      const hidden = await diary.create({ project: 'hidden' });
      const actor = actorOf({ role: 'provider', providerId: 7 }, { providerId: 7 });
      const refused = await outcome(
        diary.createMany(
          [{}, { configuration: 'nowhere' }, { parentId: hidden.id }, { parentId: 10 ** 12 }, {}],
          actor,
        ),
      );
      expect(refused).toMatchObject({ code: 'invalid_request' });
      expect((refused as DaybookError).faults.map(({ path }) => path)).toEqual([
        'jobs[1].configuration',
        'jobs[2].parentId',
        'jobs[3].parentId',
      ]);
      expect(await stored()).toBe((before ?? 0) + 1);
      expect(await outcome(diary.answer({ parentId: hidden.id }, { actor }))).toMatchObject({
        faults: [{ path: 'parentId' }],
      });
      expect(await diary.create({ parentId: hidden.id })).toMatchObject({ parentId: hidden.id });
    });
  });

  describe('an Idempotency-Key', () => {
    test('answers the same again, and refuses another body', async () => {
      const first = await diary.answer({ name: 'once' }, { key: 'k1' });
      const again = await diary.answer({ name: 'once' }, { key: 'k1' });
      expect(first).toMatchObject({ status: 201, replayed: false });
      expect(again).toEqual({ status: 201, replayed: true, body: JSON.stringify(first.body) });
      expect(await outcome(diary.answer({ name: 'other' }, { key: 'k1' }))).toMatchObject({
        code: 'idempotency_key_reused',
      });
      const stranger = actorOf({ id: 2, name: 'stranger' });
      expect(await diary.answer({ name: 'other' }, { key: 'k1', actor: stranger })).toMatchObject({
        replayed: false,
      });
    });

    test('that comes twice at once with a target is answered twice with the same job', async () => {
      for (let round = 0; round < 10; round++) {
        const target = `twice-${round}`;
        const answers = await Promise.all(
          times(2, (i) => of(i).answer({ target }, { key: `with ${target}` })),
        );
        expect(answers.map(({ status }) => status)).toEqual([201, 201]);
        expect(answers.map(({ replayed }) => replayed).sort()).toEqual([false, true]);
      }
    });

    test('that comes fifty times at once makes one job', async () => {
      const before = await stored();
      const answers = await Promise.all(times(50, (i) => of(i).answer({ name: 'race' }, { key: 'race' })));
      expect(await stored()).toBe((before ?? 0) + 1);
      expect(
        new Set(answers.map(({ body }) => (typeof body === 'string' ? body : JSON.stringify(body)))).size,
      ).toBe(1);
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    });

    test('of a request that failed is free again', async () => {
      expect(await outcome(diary.answer({ configuration: 'nowhere' }, { key: 'k2' }))).toBeInstanceOf(
        DaybookError,
      );
      expect(await diary.answer({ name: 'now' }, { key: 'k2' })).toMatchObject({
        status: 201,
        replayed: false,
      });
    });
  });

  describe('an external id', () => {
    test('names one job per provider, source and time of submission', async () => {
      const same = { externalId: '77', source: 'cluster', submittedAt: '2026-01-01T00:00:00Z' };
      const first = await diary.answer(same);
      expect(await diary.answer({ ...same, name: 'again' })).toEqual({ ...first, status: 200 });
      for (const other of [{ externalId: '78' }, { source: 'tape' }, { submittedAt: '2026-01-02T00:00:00Z' }])
        expect((await diary.answer({ ...same, ...other })).status).toBe(201);
      expect((await diary.answer(same, { actor: actorOf({ providerId: 5 }) })).status).toBe(201);
    });

    test('of a job that one may not see is taken, and says no more', async () => {
      await diary.create({ externalId: 'hidden', source: 'people', project: 'hidden', name: 'secret' });
      const editor = actorOf({ role: 'editor' }, { projects: ['mine'] });
      const refused = await outcome(
        diary.answer({ externalId: 'hidden', source: 'people' }, { actor: editor }),
      );
      expect(refused).toMatchObject({ code: 'already_exists' });
      expect(JSON.stringify((refused as DaybookError).toProblem())).not.toContain('secret');
    });

    test('that comes fifty times at once makes one job', async () => {
      const answers = await Promise.all(times(50, (i) => of(i).answer({ externalId: 'race', source: 's' })));
      expect(new Set(answers.map(({ body }) => (body as Job).id)).size).toBe(1);
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    });

    test('in overlapping batches at once makes one job each', async () => {
      const names = times(30, (i) => `overlap-${i}`);
      const batches = times(8, (i) => [...names.slice(i * 3), ...names.slice(0, i * 3)]);
      const made = await Promise.all(
        batches.map((batch, i) => of(i).createMany(batch.map((externalId) => ({ externalId, source: 's' })))),
      );
      for (const jobs of made) expect(jobs).toHaveLength(30);
      expect(new Set(made.flat().map((job) => job.id)).size).toBe(30);
    });

    test('twice in one request is one job', async () => {
      const [a, b] = await diary.createMany([{ externalId: 'twin' }, { externalId: 'twin' }]);
      expect(a?.id).toBe(b?.id);
    });
  });

  describe('a target', () => {
    const holder = async (target: string) =>
      (
        await store.read
          .selectFrom('targets')
          .select('active_job_id')
          .where('name', '=', target)
          .executeTakeFirst()
      )?.active_job_id;

    test('is changed by one job at a time, whoever comes first', async () => {
      const answers = await Promise.all(times(200, (i) => outcome(of(i).create({ target: 'table' }))));
      const made = answers.filter((each): each is Job => !(each instanceof Error));
      expect(made).toHaveLength(1);
      for (const each of answers)
        if (each instanceof Error)
          expect(each).toMatchObject({ code: 'target_busy', extra: { jobId: made[0]?.id } });
      expect(await holder('table')).toBe(made[0]?.id);
    });

    test('does not say which job holds it to whoever may not see that job', async () => {
      const held = await diary.create({ target: 'shared', project: 'mine' });
      const stranger = actorOf({ role: 'provider', providerId: 7 }, { providerId: 7 });
      const refused = await outcome(diary.create({ target: 'shared' }, stranger));
      expect(refused).toMatchObject({
        code: 'target_busy',
        message: 'Another job is at work on shared. Nothing was stored.',
        extra: { target: 'shared' },
      });
      expect((refused as DaybookError).extra).not.toHaveProperty('jobId');
      const colleague = actorOf({ role: 'editor' }, { projects: ['mine'] });
      expect(await outcome(diary.create({ target: 'shared', project: 'mine' }, colleague))).toMatchObject({
        extra: { jobId: held.id },
      });
    });

    test('is let go with the end of its job, and taken again with a retry', async () => {
      const job = await diary.create({ target: 'lane' });
      await diary.report(job.id, { kind: 'status', status: 'failed' });
      expect(await holder('lane')).toBeNull();
      const next = await diary.create({ target: 'lane' });
      const retry = () => retryJob(diary.appender, diary.admin, job.id, undefined, Date.now());
      expect(await outcome(retry())).toMatchObject({ code: 'target_busy', extra: { jobId: next.id } });
      await cancelJob(diary.appender, diary.admin, next.id, undefined);
      await retry();
      expect(await holder('lane')).toBe(job.id);
    });

    test('is held while nobody knows how its job is', async () => {
      const job = await diary.create({ target: 'unknown', status: 'unknown', execution: 'watched' });
      expect(await holder('unknown')).toBe(job.id);
      await diary.report(job.id, { kind: 'status', status: 'running' });
      const lost = { kind: 'status', status: 'unknown' } as const;
      await diary.appender.append({
        actor: diary.admin,
        cause: 'source',
        entries: [{ jobId: job.id, event: lost }],
      });
      expect(await outcome(diary.create({ target: 'unknown' }))).toMatchObject({ code: 'target_busy' });
      await diary.report(job.id, { kind: 'status', status: 'succeeded' });
      expect(await holder('unknown')).toBeNull();
    });

    test('that is busy keeps the whole request out', async () => {
      await diary.create({ target: 'busy' });
      const before = await stored();
      const refused = await outcome(diary.createMany([{ target: 'free' }, { target: 'busy' }]));
      expect(refused).toMatchObject({ code: 'target_busy' });
      expect(await stored()).toBe(before);
      expect(await holder('free')).toBeUndefined();
    });
  });

  describe('targets of a batch', () => {
    test('are taken in the order of their names, whichever way round the batch names them', async () => {
      await diary.createMany([{ target: 'order-a' }, { target: 'order-b' }]);
      const named = async (...targets: string[]) =>
        await outcome(diary.createMany(targets.map((target) => ({ target }))));
      for (const refused of [await named('order-a', 'order-b'), await named('order-b', 'order-a')])
        expect(refused).toMatchObject({ code: 'target_busy', extra: { target: 'order-a' } });
    });
  });

  describe('base runs', () => {
    test('are not taken by a stranger who uses the number first', async () => {
      const provider = (providerId: number) =>
        actorOf({ providerId, name: `p${providerId}` }, { providerId });
      const waiting = await diary.create({ baseRuns: ['7777777'], project: 'ours' }, provider(41));
      const linked = async () => (await diary.jobs.get(diary.admin.scope, waiting.id)).baseRuns[0]?.id;
      await diary.create({ externalId: '7777777', project: 'theirs' }, provider(42));
      expect(await linked()).toBeNull();
      const base = await diary.create({ externalId: '7777777' }, provider(41));
      expect(await linked()).toBe(base.id);
    });

    const bases = async (id: number, scope = diary.admin.scope) => (await diary.jobs.get(scope, id)).baseRuns;

    test('are linked to the latest older job of that name', async () => {
      const [, second] = await diary.createMany([
        { externalId: 'base', submittedAt: '2026-01-01T00:00:00Z' },
        { externalId: 'base', submittedAt: '2026-01-02T00:00:00Z' },
      ]);
      const job = await diary.create({ baseRuns: ['base', `#${second?.id}`] });
      expect(await bases(job.id)).toEqual([
        { externalId: null, id: second?.id },
        { externalId: 'base', id: second?.id },
      ]);
    });

    test('that are not known yet are linked when they arrive', async () => {
      const job = await diary.create({ baseRuns: ['later'] });
      expect(await bases(job.id)).toEqual([{ externalId: 'later', id: null }]);
      const base = await diary.create({ externalId: 'later' });
      expect(await bases(job.id)).toEqual([{ externalId: 'later', id: base.id }]);
    });

    test('that one may not see keep their name, without an id', async () => {
      const mine = actorOf({ role: 'provider', providerId: 21 }, { providerId: 21 });
      const job = await diary.create({ externalId: 'mine', source: 's', baseRuns: ['foreign'] }, mine);
      await diary.create({ externalId: 'foreign' }, actorOf({ providerId: 22 }));
      expect(await bases(job.id, mine.scope)).toEqual([{ externalId: 'foreign', id: null }]);
      const again = await diary.answer({ externalId: 'mine', source: 's' }, { actor: mine });
      expect((again.body as Job).baseRuns).toEqual([{ externalId: 'foreign', id: null }]);
    });

    test('a job is no base run of its own', async () => {
      const job = await diary.create({ name: 'self' });
      await patchJob(
        diary.appender,
        diary.admin,
        job.id,
        { version: 1, baseRuns: [`#${job.id}`] },
        Date.now(),
      );
      expect(await bases(job.id)).toEqual([{ externalId: null, id: null }]);
    });
  });
});
