import { beforeAll, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { actorOf } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import {
  type ConfigurationPage,
  latestConfigurations,
  type PageQuery,
  pageOfVersions,
  registerConfiguration,
} from './configurations.ts';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  const admin = actorOf();
  const provider = actorOf({ role: 'provider', providerId: 7 });
  beforeAll(async () => {
    store = (await newDatabase()).open();
    const steps = [{ tag: 'a', name: 'A', points: 1 }];
    for (const tag of ['b', 'a', 'B', 'ä'])
      for (const version of ['1.9.0', '1.10.0', '1.2.0'])
        await registerConfiguration(store, systemClock, admin, { tag, version, name: tag, steps });
    await registerConfiguration(store, systemClock, provider, { tag: 'b', version: '0.1', name: 'b', steps });
  });

  async function pages(read: (query: PageQuery) => Promise<ConfigurationPage | undefined>, limit: number) {
    const found: string[][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await read({ limit, cursor });
      found.push((page?.items ?? []).map(({ tag, version }) => `${tag} ${version}`));
      cursor = page?.nextCursor;
      if (cursor === undefined) return found;
    }
  }

  test('the latest of each tag are paged by tag', async () => {
    const read = (query: PageQuery) => latestConfigurations(store.read, admin, query);
    const all = ['B 1.10.0', 'a 1.10.0', 'b 1.10.0', 'b 0.1', 'ä 1.10.0'];
    expect(await pages(read, 500)).toEqual([all]);
    expect(await pages(read, 5)).toEqual([all]);
    expect(await pages(read, 2)).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)]);
    await expect(read({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  test('versions are paged, the highest first', async () => {
    const read = (query: PageQuery) => pageOfVersions(store.read, admin, 'a', query);
    expect(await pages(read, 2)).toEqual([['a 1.10.0', 'a 1.9.0'], ['a 1.2.0']]);
    expect(await pages(read, 3)).toHaveLength(1);
    await expect(read({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
    expect(await pageOfVersions(store.read, admin, 'nowhere', { limit: 1 })).toBeUndefined();
  });
});
