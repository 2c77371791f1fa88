import type { Job, Lineage } from '@daybook/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HouseDesk } from '../http/testing/house-desk.ts';
import { type Diary, diaryOn } from '../jobs/testing/diary.ts';
import { forEachEngine } from '../storage/testing/engines.ts';

forEachEngine((_engine, newDatabase) => {
  let desk: HouseDesk;
  let diary: Diary;
  beforeAll(async () => {
    const store = (await newDatabase()).open();
    desk = new HouseDesk(store);
    diary = diaryOn(store, desk.clock);
  });
  afterAll(() => desk.close());

  const lineage = async (id: number, query = '', key?: string): Promise<Lineage> =>
    (await desk.ask('GET', `/jobs/${id}/lineage${query}`, undefined, key)).body;
  const ids = ({ nodes }: Lineage) => nodes.map(({ id }) => id);
  const pairs = ({ edges }: Lineage) => edges.map(({ base, job }) => `${base}>${job}`).sort();
  const run = async (name: string, baseRuns: string[] = [], more: object = {}) =>
    (await diary.create({ name, baseRuns, ...more })).id;

  test('goes both ways, nearest first, and says what differs on each edge', async () => {
    const root = await run('root', [], { parameters: { vent: 50 }, externalId: 'r1' });
    const a = await run('root', ['r1', 'lost'], { parameters: { vent: 52.5 } });
    const b = await run('root', [`#${a}`], { parameters: { vent: 55 }, solver: 'new' });
    const sister = await run('root', [`#${root}`], { parameters: { vent: 50 } });
    const found = await lineage(a);
    expect(ids(found)).toEqual([a, root, b, sister]);
    expect(pairs(found)).toEqual([`${root}>${a}`, `${root}>${sister}`, `${a}>${b}`].sort());
    expect(found.edges.find(({ job }) => job === b)).toMatchObject({
      base: a,
      count: 2,
      differences: [
        { group: 'parameters', name: 'vent', from: 52.5, to: 55 },
        { group: 'job', name: 'solver', from: null, to: 'new' },
      ],
    });
    expect(found.nodes[0]?.unknownBases).toEqual(['lost']);
    expect(found.more).toBe(false);
    const near = await lineage(b, '?depth=1');
    expect([ids(near), near.more]).toEqual([[b, a], true]);
    const few = await lineage(a, '?limit=2');
    expect([ids(few), few.more]).toEqual([[a, root], true]);
  });

  test('of a circle ends', async () => {
    const a = await run('a');
    const b = await run('b', [`#${a}`]);
    const { body } = await desk.ask('PATCH', `/jobs/${a}`, { version: 1, baseRuns: [`#${b}`] });
    expect(body.baseRuns).toEqual([{ externalId: null, id: b }]);
    const found = await lineage(a);
    expect([ids(found), pairs(found)]).toEqual([[a, b], [`${a}>${b}`, `${b}>${a}`].sort()]);
  });

  test('shows no job that is not to be seen, nor what is behind it', async () => {
    const mine = await run('mine', [], { project: 'mine' });
    const theirs = await run('theirs', [`#${mine}`], { project: 'theirs' });
    const behind = await run('behind', [`#${theirs}`], { project: 'mine' });
    const key = await desk.key('viewer', 'mine');
    expect(ids(await lineage(mine, '', key))).toEqual([mine]);
    expect((await lineage(behind, '', key)).nodes).toMatchObject([{ id: behind }]);
    expect((await desk.ask('GET', `/jobs/${theirs}/lineage`, undefined, key)).status).toBe(404);
    const both = `/jobs/compare?ids=${mine},${theirs}`;
    expect((await desk.ask('GET', both, undefined, key)).status).toBe(404);
    expect((await desk.ask('GET', both)).status).toBe(200);
  });

  test('of a thousand runs comes whole', async () => {
    const inputs = Array.from({ length: 1_000 }, (_, i) => ({
      name: `run ${i}`,
      externalId: `big ${i}`,
      parameters: { vent: i, foam: { density: i % 7 } },
      // A tree that is thirty deep or so.
      ...(i > 0 && { baseRuns: [`big ${Math.max(0, i - 1 - (i % 40))}`] }),
    }));
    const jobs: Job[] = await diary.createMany(inputs);
    const found = await lineage(jobs[500]?.id ?? 0);
    expect([found.nodes.length, found.edges.length, found.more]).toEqual([1_000, 999, false]);
  });

  test('jobs side by side: all of it, or only what differs', async () => {
    const a = await run('a', [], { parameters: { x: 1, y: 2 } });
    const b = await run('b', [], { parameters: { x: 1, y: 3 } });
    const all = (await desk.ask('GET', `/jobs/compare?ids=${b},${a}`)).body;
    expect(all.jobs.map(({ id }: Job) => id)).toEqual([b, a]);
    expect(all.rows).toContainEqual({ group: 'parameters', name: 'x', values: [1, 1], differs: false });
    const { rows } = (await desk.ask('GET', `/jobs/compare?ids=${b},${a}&differences=true`)).body;
    expect(rows.map(({ name, values }: { name: string; values: unknown[] }) => [name, ...values])).toEqual([
      ['name', 'b', 'a'],
      ['y', 3, 2],
    ]);
    for (const bad of ['1', '1,x', '', Array.from({ length: 21 }, (_, i) => i + 1).join()])
      expect([bad, (await desk.ask('GET', `/jobs/compare?ids=${bad}`)).status]).toEqual([bad, 400]);
  });
});
