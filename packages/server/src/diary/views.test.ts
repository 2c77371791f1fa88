import { defaultView, type Role, type ViewCreate, viewCreateSchema } from '@daybook/core';
import { beforeEach, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { createUser } from '../access/users.ts';
import type { Actor } from '../actor.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { createView, deleteView, listViews, updateView, type ViewParts } from './views.ts';

forEachEngine((_engine, newDatabase) => {
  let parts: ViewParts;
  beforeEach(async () => {
    parts = { store: (await newDatabase()).open(), clock: new TestClock() };
  });

  const person = async (name: string, role: Role): Promise<Actor> => {
    const { user } = await createUser(parts.store, parts.clock, 'test', { name, role });
    return actorOf({ kind: 'user', id: user.id, name, role });
  };
  const save = (actor: Actor, input: Partial<ViewCreate>) =>
    createView(parts, actor, viewCreateSchema.parse({ name: 'a view', query: 'status=failed', ...input }));
  const names = async (actor: Actor) => (await listViews(parts.store.read, actor)).map(({ name }) => name);
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  test('a private view is its owner’s alone, a shared one is everybody’s to read and editors’ to change', async () => {
    const ann = await person('ann', 'editor');
    const bob = await person('bob', 'viewer');
    const cyd = await person('cyd', 'editor');
    const mine = await save(ann, { name: 'mine' });
    const ours = await save(ann, { name: 'ours', shared: true });
    expect(await names(ann)).toEqual(['mine', 'ours']);
    expect(await names(bob)).toEqual(['ours']);
    expect(await names(actorOf({ role: 'viewer' }))).toEqual(['ours']);
    expect(await names(await person('guest', 'customer'))).toEqual([]);
    expect(await listViews(parts.store.read, bob)).toMatchObject([
      { owner: 'ann', mine: false, mayEdit: false, query: 'status=failed' },
    ]);
    expect(await refusal(updateView(parts, bob, mine.id, { version: 1, name: 'x' }))).toBe('not_found');
    expect(await refusal(updateView(parts, cyd, mine.id, { version: 1, name: 'x' }))).toBe('not_found');
    expect(await refusal(updateView(parts, bob, ours.id, { version: 1, name: 'x' }))).toBe('forbidden');
    expect(await refusal(deleteView(parts, bob, ours.id))).toBe('forbidden');
    expect(await refusal(save(bob, { shared: true }))).toBe('forbidden');
    expect(await refusal(save(actorOf(), {}))).toBe('forbidden');
    expect(await updateView(parts, cyd, ours.id, { version: 1, query: 'kind=import' })).toMatchObject({
      owner: 'ann',
      query: 'kind=import',
      version: 2,
    });
    await deleteView(parts, ann, mine.id);
    expect(await names(ann)).toEqual(['ours']);
  });

  test('who saves over what somebody else has saved is told what stands there now', async () => {
    const ann = await person('ann', 'editor');
    const view = await save(ann, { shared: true });
    await updateView(parts, ann, view.id, { version: 1, name: 'renamed' });
    await expect(updateView(parts, ann, view.id, { version: 1, name: 'other' })).rejects.toMatchObject({
      code: 'version_conflict',
      extra: { current: { name: 'renamed', version: 2 } },
    });
    await save(ann, { name: 'taken' });
    expect(await refusal(updateView(parts, ann, view.id, { version: 2, name: 'taken' }))).toBe(
      'already_exists',
    );
    expect(await refusal(save(ann, { name: 'taken' }))).toBe('already_exists');
  });

  test('one’s own default comes before the shared one, and there is one of each', async () => {
    const ann = await person('ann', 'editor');
    const bob = await person('bob', 'viewer');
    await save(ann, { name: 'first', shared: true, isDefault: true });
    await save(ann, { name: 'all', shared: true, isDefault: true });
    const opens = async (actor: Actor) => defaultView(await listViews(parts.store.read, actor))?.name;
    expect(await opens(bob)).toBe('all');
    await save(bob, { name: 'old', isDefault: true });
    const own = await save(bob, { name: 'own' });
    await updateView(parts, bob, own.id, { version: 1, isDefault: true });
    expect(await opens(bob)).toBe('own');
    expect(await opens(ann)).toBe('all');
    const defaults = (await listViews(parts.store.read, bob)).filter(({ isDefault }) => isDefault);
    expect(defaults.map(({ name }) => name)).toEqual(['all', 'own']);
  });
});
