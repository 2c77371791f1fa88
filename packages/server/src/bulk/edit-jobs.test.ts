import type { JobCreateBody } from '@daybook/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HouseDesk } from '../http/testing/house-desk.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';

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
  const edit = async (body: object, key?: string) =>
    (await desk.ask('POST', '/jobs/bulk-edit', body, key)).body;
  const undo = async (id: number, key?: string) =>
    (await desk.ask('POST', `/jobs/bulk-edit/${id}/undo`, undefined, key)).body;
  const said = async (...ids: number[]) => {
    const jobs = await Promise.all(ids.map(async (id) => (await desk.ask('GET', `/jobs/${id}`)).body));
    return jobs.map(({ analysisStatus, assessment, tags, version }) => ({
      analysisStatus,
      assessment,
      tags,
      version,
    }));
  };

  test('says first what it would do, then says it of all, and takes it back', async () => {
    const [a, b, c] = (await create(
      { kind: 'import', tags: ['old', 'kept'] },
      { kind: 'import', analysisStatus: 'done', assessment: 'ok', tags: ['new'] },
      { kind: 'other' },
    )) as [number, number, number];
    const before = await said(a, b, c);
    const wanted = {
      filter: { kind: 'import' },
      changes: { analysisStatus: 'done', assessment: 'ok', addTags: ['new'], removeTags: ['old'] },
    };
    const skipped = [{ reason: 'unchanged', count: 1 }];
    expect(await edit({ ...wanted, dryRun: true })).toEqual({
      matches: 2,
      applicable: 1,
      skipped,
      more: false,
    });
    expect(await said(a, b, c)).toEqual(before);
    const done = await edit(wanted);
    expect(done).toEqual({ edit: expect.any(Number), changed: 1, skipped, more: false });
    const [after] = await said(a);
    expect(after).toEqual({ analysisStatus: 'done', assessment: 'ok', tags: ['kept', 'new'], version: 2 });
    expect(await said(b, c)).toEqual(before.slice(1));
    expect(await undo(done.edit)).toEqual({
      edit: expect.any(Number),
      restored: 1,
      refused: 0,
      changedSince: [],
    });
    expect(await said(a)).toEqual([{ ...before[0], version: 3 }]);
    expect((await undo(done.edit)).code).toBe('conflict');
  });

  test('what somebody has changed since stays, and undo says where', async () => {
    const [a, b] = (await create({}, {})) as [number, number];
    const done = await edit({ ids: [a, b], changes: { analysisStatus: 'done', assessment: 'ok' } });
    await desk.ask('PATCH', `/jobs/${a}`, { version: 2, assessment: 'issue' });
    const undone = await undo(done.edit);
    expect(undone).toEqual({
      edit: expect.any(Number),
      restored: 2,
      refused: 1,
      changedSince: [{ jobId: a, fields: ['assessment'] }],
    });
    expect(await said(a, b)).toMatchObject([
      { analysisStatus: 'open', assessment: 'issue' },
      { analysisStatus: 'open', assessment: null },
    ]);
    // Undoing the undoing.
    expect(await undo(undone.edit)).toMatchObject({ restored: 2, refused: 0 });
    expect(await said(a, b)).toMatchObject([
      { analysisStatus: 'done', assessment: 'issue' },
      { analysisStatus: 'done', assessment: 'ok' },
    ]);
  });

  test('changes nothing that its asker may not see, and is undone by its maker or an admin alone', async () => {
    const [a, b] = (await create({ project: 'mine' }, { project: 'theirs' })) as [number, number];
    const editor = await desk.key('editor', 'mine');
    const done = await edit({ ids: [a, b], changes: { assessment: 'ok' } }, editor);
    expect(done).toMatchObject({ changed: 1, skipped: [{ reason: 'not_found', count: 1 }] });
    expect(await said(a, b)).toMatchObject([{ assessment: 'ok' }, { assessment: null }]);
    expect((await undo(done.edit, await desk.key('editor', 'mine', 'theirs'))).code).toBe('not_found');
    expect((await edit({ ids: [a], changes: { assessment: 'ok' } }, await desk.key('viewer'))).code).toBe(
      'forbidden',
    );
    expect(await undo(done.edit)).toMatchObject({ restored: 1 });
  });

  test.each([
    [{}, 'filter'],
    [{ filter: {} }, 'filter'],
    [{ filter: { kind: 'a' }, ids: [1] }, 'filter'],
    [{ ids: [1], changes: {} }, 'changes'],
    [{ ids: [1], changes: { assessment: 'nice' } }, 'changes.assessment'],
  ])('%j is refused', async (body, path) => {
    const { status, errors } = await edit({ changes: { assessment: 'ok' }, ...body });
    expect([status, errors.map((each: { path: string }) => each.path)]).toEqual([400, [path]]);
  });

  describe('500 jobs', () => {
    test('are assessed in one request, and so is the undoing', async () => {
      const ids = await create(...Array.from({ length: 500 }, () => ({ tags: ['study'] })));
      const done = await edit({ ids, changes: { analysisStatus: 'done', assessment: 'ok', addTags: ['x'] } });
      expect(done.changed).toBe(500);
      expect(await undo(done.edit)).toMatchObject({ restored: 500, refused: 0 });
      expect(await said(ids[0] as number, ids[499] as number)).toMatchObject([
        { assessment: null, tags: ['study'] },
        { assessment: null, tags: ['study'] },
      ]);
    });
  });
});
