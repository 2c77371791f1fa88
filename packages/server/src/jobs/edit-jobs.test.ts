import { DaybookError } from '@daybook/core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { cancelJob, patchJob, retryJob } from './edit-jobs.ts';
import { readEvents } from './read-events.ts';
import { flagStalled } from './stalled.ts';
import { actorOf, type Diary, diaryOn } from './testing/diary.ts';

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

forEachEngine((engine, newDatabase) => {
  let store: Store;
  let diary: Diary;
  let both: readonly Diary[];
  const editor = actorOf({ kind: 'user', role: 'editor', label: 'user:doea', name: 'doea' });
  beforeAll(async () => {
    const database = await newDatabase();
    store = database.open();
    diary = diaryOn(store);
    both = [diary, engine === 'postgres' ? diaryOn(database.open()) : diary];
  });
  const now = () => Date.now();
  const patch = (id: number, changes: Parameters<typeof patchJob>[3], by = diary) =>
    patchJob(by.appender, editor, id, changes, now());
  const get = (id: number) => diary.jobs.get(diary.admin.scope, id);
  const events = async (id: number) =>
    (await readEvents(store.read, diary.admin.scope, id, { sort: 'id', limit: 100 }))?.items ?? [];

  describe('an edit', () => {
    test('changes what people say, and keeps what was before', async () => {
      const { id } = await diary.create({ info: 'old', tags: ['a'], baseRuns: ['x'] });
      await patch(id, {
        version: 1,
        info: 'new',
        summary: 'done',
        analysisStatus: 'done',
        assessment: 'ok',
        tags: ['b', 'c'],
        baseRuns: [],
      });
      expect(await get(id)).toMatchObject({
        version: 2,
        info: 'new',
        summary: 'done',
        analysisStatus: 'done',
        assessment: 'ok',
        tags: ['b', 'c'],
        baseRuns: [],
      });
      expect((await events(id)).at(-1)).toMatchObject({
        kind: 'annotation',
        actor: 'user:doea',
        metadata: {
          info: { from: 'old', to: 'new' },
          summary: { from: '', to: 'done' },
          analysisStatus: { from: 'open', to: 'done' },
          assessment: { from: null, to: 'ok' },
          tags: { from: ['a'], to: ['b', 'c'] },
          baseRuns: { from: ['x'], to: [] },
        },
      });
    });

    test('that changes nothing is none', async () => {
      const { id } = await diary.create({ info: 'same', tags: ['a', 'b'] });
      await patch(id, { version: 1, info: 'same', tags: ['b', 'a', 'b'], assessment: null });
      expect((await get(id)).version).toBe(1);
      expect(await events(id)).toHaveLength(1);
    });

    test('of an old version is refused with the job as it is now', async () => {
      const { id } = await diary.create();
      await patch(id, { version: 1, summary: 'first' });
      const refused = await outcome(patch(id, { version: 1, summary: 'second' }));
      expect(refused).toMatchObject({
        code: 'version_conflict',
        extra: { current: { id, version: 2, summary: 'first' } },
      });
      expect((await get(id)).summary).toBe('first');
    });

    test('of many at once is made by exactly one', async () => {
      const { id } = await diary.create();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          outcome(patch(id, { version: 1, summary: `by ${i}` }, both[i % 2])),
        ),
      );
      const refused = outcomes.filter(
        (each) => each instanceof DaybookError && each.code === 'version_conflict',
      );
      expect(refused).toHaveLength(19);
      expect(await get(id)).toMatchObject({ version: 2, summary: `by ${outcomes.indexOf(undefined)}` });
      expect((await events(id)).filter(({ kind }) => kind === 'annotation')).toHaveLength(1);
    });

    test('is not disturbed by what the job reports, nor disturbs it', async () => {
      const { id } = await diary.create();
      await diary.report(id, { kind: 'progress', percent: 40 }, { kind: 'log', message: 'x' });
      expect((await get(id)).version).toBe(1);
      await patch(id, { version: 1, summary: 'meanwhile' });
      await diary.report(id, { kind: 'progress', percent: 50 });
      expect(await get(id)).toMatchObject({
        version: 2,
        summary: 'meanwhile',
        progress: 50,
        status: 'running',
      });
    });

    test('does not make a silent job look alive', async () => {
      const { id } = await diary.create({ status: 'running' });
      expect(await flagStalled(store, now() + 1)).toBeGreaterThan(0);
      await patch(id, { version: 1, summary: 'nobody there?' });
      expect((await get(id)).stalled).toBe(true);
      await diary.report(id, { kind: 'log', message: 'here' });
      expect((await get(id)).stalled).toBe(false);
    });

    test('may correct how a job ended, as its editor, and leaves the version alone', async () => {
      const { id } = await diary.create({ status: 'finished' });
      await patch(id, { version: 1, status: 'failed' });
      expect(await get(id)).toMatchObject({ status: 'failed', version: 1 });
      expect((await events(id)).at(-1)).toMatchObject({
        kind: 'status',
        cause: 'correction',
        actor: 'user:doea',
      });
      expect(await outcome(patch(id, { version: 1, status: 'running' }))).toMatchObject({
        code: 'illegal_transition',
      });
      expect(await outcome(patch(id, { version: 1, status: 'queued' }))).toMatchObject({
        code: 'illegal_transition',
      });
    });

    test.each(['queued', 'running'] as const)('of a %s job is no correction: cancel it', async (status) => {
      const { id } = await diary.create({ status });
      expect(await outcome(patch(id, { version: 1, status: 'succeeded' }))).toMatchObject({
        code: 'illegal_transition',
        message: expect.stringContaining('cancel it'),
      });
      expect(await get(id)).toMatchObject({ status });
    });

    test('that is refused for its status stores nothing else of it', async () => {
      const { id } = await diary.create({ status: 'failed' });
      const refused = await outcome(patch(id, { version: 1, summary: 'x', status: 'running' }));
      expect(refused).toMatchObject({ code: 'illegal_transition' });
      expect(await get(id)).toMatchObject({ version: 1, summary: '' });
      expect(await events(id)).toHaveLength(1);
    });

    test('of a job that one may not see is not found', async () => {
      const { id } = await diary.create({ project: 'other' });
      const stranger = actorOf({ role: 'editor' }, { projects: ['mine'] });
      const edits = [
        patchJob(diary.appender, stranger, id, { version: 1, summary: 'x' }, now()),
        retryJob(diary.appender, stranger, id, undefined, now()),
        cancelJob(diary.appender, stranger, id, undefined),
        diary.jobs.heartbeat(stranger.scope, id),
        diary.appender.append({
          actor: stranger,
          entries: [{ jobId: id, event: { kind: 'log', message: 'x' } }],
        }),
      ];
      for (const refused of await Promise.all(edits.map(outcome)))
        expect(refused).toMatchObject({ code: 'not_found' });
      expect(await events(id)).toHaveLength(1);
    });
  });

  test('a retry starts a new attempt, and only of what has ended', async () => {
    const { id } = await diary.create({ steps: [{ tag: 'one' }] });
    expect(await outcome(retryJob(diary.appender, editor, id, undefined, now()))).toMatchObject({
      code: 'illegal_transition',
    });
    await diary.report(
      id,
      { kind: 'step', step: 'one', status: 'succeeded' },
      { kind: 'status', status: 'failed' },
    );
    await retryJob(diary.appender, editor, id, 'again', now());
    expect(await get(id)).toMatchObject({
      status: 'queued',
      attempt: 2,
      progress: 0,
      steps: [{ status: 'pending' }],
    });
    expect((await events(id)).at(-1)).toMatchObject({ cause: 'retry', message: 'again', attempt: 2 });
  });

  test('of many retries at once one is made', async () => {
    const { id } = await diary.create({ status: 'failed' });
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        outcome(retryJob((both[i % 2] as Diary).appender, editor, id, undefined, now())),
      ),
    );
    expect(outcomes.filter((each) => each === undefined)).toHaveLength(1);
    expect((await get(id)).attempt).toBe(2);
  });

  test('a cancel ends what is active, once', async () => {
    const { id } = await diary.create();
    await cancelJob(diary.appender, editor, id, 'enough');
    await cancelJob(diary.appender, editor, id, 'enough');
    expect(await get(id)).toMatchObject({ status: 'canceled' });
    expect(await events(id)).toHaveLength(2);
    const done = await diary.create({ status: 'succeeded' });
    expect(await outcome(cancelJob(diary.appender, editor, done.id, undefined))).toMatchObject({
      code: 'illegal_transition',
    });
  });
});
