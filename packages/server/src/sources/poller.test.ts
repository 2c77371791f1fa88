import { sourceSettingsShape } from '@daybook/core';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import type { CommonSettings, Finding, Source, SourceKind } from './source.ts';
import { editSource } from './source-rows.ts';
import { type Watchtower, watchtowerOn } from './testing/watchtower.ts';

/** A kind whose looks last as long as the test says, and hear no signal: as a file system that hangs. */
class Stuck implements Source {
  looks = 0;
  held: Promise<void> | undefined;

  async test() {
    return [];
  }

  async *discover(): AsyncIterable<readonly Finding[]> {
    this.looks += 1;
    await this.held;
    yield [];
  }

  async *refresh(): AsyncIterable<readonly Finding[]> {}

  explain() {
    return undefined;
  }
}

let names = 0;

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let tower: Watchtower;
  let stuck: Stuck;
  let id: number;

  beforeAll(async () => {
    store = (await newDatabase()).open();
  });
  beforeEach(async () => {
    stuck = new Stuck();
    const kind: SourceKind = {
      kind: 'stuck',
      settings: z.strictObject(sourceSettingsShape) as unknown as z.ZodType<CommonSettings>,
      execution: 'watched',
      polls: () => true,
      open: () => stuck,
      sight: () => ({ problem: { code: 'source.problem.content' } }),
    };
    tower = watchtowerOn(store, () => [kind]);
    id = await tower.add(`stuck-${names++}`, 'stuck', { patience: 1, interval: 10 });
  });

  const error = async () => (await tower.source(id)).error?.code;
  const isDue = async () => (await tower.poller.duties()).some(({ name }) => name === `source:${id}`);

  test('a look that hangs is given up, and no other begins before it has let go', async () => {
    let letGo: () => void = () => undefined;
    stuck.held = new Promise((resolve) => {
      letGo = resolve;
    });
    await tower.poller.poll(id);
    expect(await error()).toBe('source.error.timeout');
    await tower.poller.poll(id);
    expect([await error(), stuck.looks]).toEqual(['source.error.hanging', 1]);
    letGo();
    await expect
      .poll(async () => {
        await tower.poller.poll(id);
        return await tower.source(id);
      })
      .toMatchObject({ state: 'ok', failures: 0, error: null });
  });

  test('one that fails is left alone for longer and longer, and at once tried anew when it is changed', async () => {
    stuck.held = Promise.reject(new Error('down'));
    stuck.held.catch(() => undefined);
    const waits: number[] = [];
    for (let failures = 0; failures < 3; failures++) {
      await tower.poller.poll(id);
      let waited = 0;
      for (; !(await isDue()); waited += 5_000) tower.clock.pass(5_000);
      waits.push(waited);
    }
    expect(waits).toEqual([10_000, 20_000, 40_000]);
    await tower.poller.poll(id);
    expect(await isDue()).toBe(false);
    const { version } = await tower.source(id);
    await editSource(tower, tower.diary.admin, id, { version, settings: { interval: 20 } });
    expect(await isDue()).toBe(true);
    await editSource(tower, tower.diary.admin, id, { version: version + 1, enabled: false });
    expect([await isDue(), (await tower.source(id)).state]).toEqual([false, 'paused']);
  });
});
