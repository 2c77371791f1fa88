import { sightingSchema } from '@daybook/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../storage/index.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import type { SourceKind } from '../source.ts';
import { type Watchtower, watchtowerOn } from './watchtower.ts';

/** A place of the outside world that a kind watches, as the suite moves it. */
export interface OutsideWorld {
  /** What the kind is to watch. */
  readonly settings: object;
  /** Milliseconds between two looks; 15 s when left out. */
  readonly every?: number;
  /** How a job that ends well is told, where nobody says how it ended; succeeded when left out. */
  readonly endsAs?: 'finished';
  /** Makes a job there that waits; answers its external id. */
  submit(): Promise<string> | string;
  start(externalId: string): Promise<void> | void;
  /** Lets it end well. */
  end(externalId: string): Promise<void> | void;
  /** Puts something there that cannot be read as a job; undefined if this kind knows no such thing. */
  spoil?(): Promise<string> | string;
  /** Makes all of it unreachable, and reachable again. */
  cut(): Promise<void> | void;
  mend(): Promise<void> | void;
  close(): Promise<void> | void;
}

/**
 * What every kind of source must do, whatever it watches. `open` makes a world of its own for each test run; its clock is
 * the diary's.
 */
export function describeSource(
  kind: SourceKind,
  open: (clock: { now(): number }) => Promise<OutsideWorld> | OutsideWorld,
): void {
  forEachEngine((_engine, newDatabase) => {
    describe(`a source of kind ${kind.kind}`, () => {
      let store: Store;
      let tower: Watchtower;
      let world: OutsideWorld;
      let id: number;

      beforeAll(async () => {
        store = (await newDatabase()).open();
        tower = watchtowerOn(store, () => [kind]);
        world = await open(tower.clock);
        id = await tower.add('outside', kind.kind, world.settings);
      });
      afterAll(() => world.close());

      const look = async () => {
        await tower.poller.poll(id);
        tower.clock.pass(world.every ?? 15_000);
        return await tower.jobs('outside');
      };
      const countFacts = async () => {
        const rows = await store.read.selectFrom('events').select('id').execute();
        return rows.length;
      };

      test('tells of a job, follows it, and says nothing twice', async () => {
        const name = await world.submit();
        const first = (await look()).get(name);
        expect(first).toMatchObject({ status: 'queued', execution: kind.execution, source: 'outside' });
        const facts = await countFacts();
        await look();
        expect(await countFacts()).toBe(facts);
        await world.start(name);
        expect((await look()).get(name)).toMatchObject({ id: first?.id, status: 'running' });
        await world.end(name);
        const end =
          world.endsAs === undefined ? { status: 'succeeded', progress: 100 } : { status: world.endsAs };
        expect((await look()).get(name)).toMatchObject({ id: first?.id, ...end });
        expect(await tower.source(id)).toMatchObject({ state: 'ok', failures: 0, problems: 0 });
      });

      test('what it remembers can be read as sightings of the schema', async () => {
        const rows = await store.read.selectFrom('source_items').select('content').execute();
        for (const { content } of rows) {
          const { sighting } = kind.sight(content as string);
          const wire = JSON.parse(JSON.stringify(sighting), (key, value) =>
            ['submittedAt', 'at', 'startedAt', 'endedAt'].includes(key)
              ? new Date(value).toISOString()
              : value,
          );
          expect(sightingSchema.safeParse(wire).error?.issues).toBeUndefined();
        }
        expect(rows.length).toBeGreaterThan(0);
      });

      test('opened anew it goes on where it was', async () => {
        const name = await world.submit();
        await look();
        const facts = await countFacts();
        const later = watchtowerOn(store, () => [kind]);
        await later.poller.poll(id);
        expect(await countFacts()).toBe(facts);
        await world.start(name);
        await later.poller.poll(id);
        expect((await later.jobs('outside')).get(name)?.status).toBe('running');
      });

      test('never overwrites what a person said', async () => {
        const name = await world.submit();
        const job = (await look()).get(name);
        await store.write(({ db }) =>
          db
            .insertInto('annotations')
            .values({ job_id: job?.id as number, info: 'mine', summary: 'well' })
            .onConflict((conflict) =>
              conflict.column('job_id').doUpdateSet({ info: 'mine', summary: 'well' }),
            )
            .execute(),
        );
        await world.start(name);
        await look();
        await world.end(name);
        expect((await look()).get(name)).toMatchObject({ info: 'mine', summary: 'well', version: 1 });
      });

      test('names what it cannot read, and tells the rest', async (context) => {
        if (world.spoil === undefined) return context.skip();
        const item = await world.spoil();
        const name = await world.submit();
        expect([...(await look()).keys()]).toContain(name);
        const bad = await store.read
          .selectFrom('source_items')
          .select('item')
          .where('problem', 'is not', null)
          .execute();
        expect(bad).toEqual([{ item }]);
      });

      test('one that is down is stale, changes no job, and comes back', async () => {
        const before = await look();
        await world.cut();
        const after = await look();
        expect(await tower.source(id)).toMatchObject({ state: 'stale', failures: 1 });
        expect([...after.values()].map((job) => job.status)).toEqual(
          [...before.values()].map((job) => job.status),
        );
        const checks = await kind
          .open(kind.settings.parse(world.settings))
          .test(new AbortController().signal);
        expect(checks.some(({ ok }) => !ok)).toBe(true);
        await world.mend();
        await look();
        expect(await tower.source(id)).toMatchObject({ state: 'ok', failures: 0 });
        const again = await kind.open(kind.settings.parse(world.settings)).test(new AbortController().signal);
        expect(again.some(({ ok }) => ok)).toBe(true);
      });
    });
  });
}
