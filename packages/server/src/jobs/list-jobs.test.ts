import {
  analysisStatuses,
  assessments,
  executions,
  type JobFilter,
  type JobSort,
  jobListQuerySchema,
  jobSorts,
  jobStatuses,
  type Scope,
  sees,
} from '@daybook/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { matchesFilter } from '../live/matches-filter.ts';
import { encodeCursor } from '../paging.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { countAll, countNewest, facetNames } from './facets.ts';
import { filteredJobs } from './filtered-jobs.ts';
import { findSummaries } from './find-jobs.ts';
import { listJobs } from './list-jobs.ts';
import { actorOf, type Diary, diaryOn } from './testing/diary.ts';
import { visibleJobs } from './visible-jobs.ts';

const everything = actorOf().scope;
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const days = times(4, (i) => Date.UTC(2026, 0, 1 + i));
const iso = (ms: number) => new Date(ms).toISOString();
const values = {
  kind: ['simulation', 'import'],
  project: ['p', 'q', 'P'],
  user: ['doea', 'müller', 'a%_b'],
  source: ['s', 't'],
  tag: ['x', 'y', 'z'],
  target: ['t1', 't2'],
  externalId: ['1', '2', '3'],
  customer: ['acme', 'b'],
};

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const oneOf = (name: keyof typeof values) => maybe(fc.constantFrom(...values[name]));
const someJob = fc.record({
  name: fc.constantFrom('a', 'b', 'B', 'ä', '10', '9'),
  status: fc.constantFrom(...jobStatuses),
  kind: fc.constantFrom(...values.kind),
  project: oneOf('project'),
  user: oneOf('user'),
  source: fc.constantFrom(...values.source),
  customer: oneOf('customer'),
  externalId: oneOf('externalId'),
  execution: fc.constantFrom(...executions),
  tags: fc.subarray(values.tag),
  analysisStatus: fc.constantFrom(...analysisStatuses),
  assessment: fc.constantFrom(null, ...assessments),
  submittedAt: fc.constantFrom(...days.map(iso)),
});

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let diary: Diary;
  let all: number[];
  beforeAll(async () => {
    store = (await newDatabase()).open();
    diary = diaryOn(store);
    all = [];
    for (const [provider, bodies] of [0, 1, 2, 3].map((i) => [i, fc.sample(someJob, 40)] as const)) {
      const jobs = bodies.map((body, i) => ({
        ...body,
        parentId: i % 9 === 0 ? all[i % 7] : undefined,
        target: body.status === 'succeeded' ? values.target[i % 2] : undefined,
      }));
      const made = await diary.createMany(jobs, actorOf({ providerId: provider }));
      all.push(...new Set(made.map((job) => job.id)));
    }
    await store.write(({ db }) =>
      db
        .updateTable('jobs')
        .set({ stalled: 1 })
        .where('kind', '=', 'import')
        .where('status', '=', 'running')
        .execute(),
    );
  }, 60_000);

  const list = (query: Record<string, string>, scope: Scope = everything) =>
    listJobs(store, scope, jobListQuerySchema.parse(query));

  describe('paging', () => {
    test.each(jobSorts)('shows every job once, in order: %s', async (sort: JobSort) => {
      const expected = await list({ sort, limit: '500' });
      const found: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ sort, limit: '7', ...(cursor && { cursor }) });
        found.push(...page.items.map((job) => job.id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(found).toEqual(expected.items.map((job) => job.id));
      expect(new Set(found).size).toBe(found.length);
      if (!/endedAt|duration/.test(sort)) expect(found).toHaveLength(all.length);
      else for (const job of expected.items) expect(job.endedAt).not.toBeNull();
    });

    test.each([
      ['name', 'name'],
      ['user_name', 'user'],
      ['project', 'project'],
    ] as const)('is in the order of what a job has become since: %s', async (column, sort) => {
      const { id } = await diary.create({ name: 'm', user: 'm', project: 'm' });
      const first = async (direction: '' | '-') =>
        (await list({ sort: `${direction}${sort}`, limit: '1' })).items[0]?.id;
      const become = (value: string | null) =>
        store.write(({ db }) =>
          db
            .updateTable('jobs')
            .set({ [column]: value })
            .where('id', '=', id)
            .execute(),
        );
      await become('\u{10ffff}');
      expect(await first('-')).toBe(id);
      await become(column === 'name' ? '' : null);
      expect((await list({ sort, limit: '500' })).items.map((job) => job.id)).toContain(id);
      expect(await first('-')).not.toBe(id);
      all.push(id);
    });

    test('is not shifted by jobs that come meanwhile', async () => {
      const first = await list({ limit: '20' });
      const added = await diary.createMany(times(5, () => ({ name: 'between' })));
      const second = await list({ limit: '20', cursor: first.nextCursor as string });
      const before = all.toSorted((a, b) => b - a);
      expect([...first.items, ...second.items].map((job) => job.id)).toEqual(before.slice(0, 40));
      all.push(...added.map((job) => job.id));
    });

    test('ends without a cursor', async () => {
      expect((await list({ limit: '500' })).nextCursor).toBeUndefined();
      expect(await list({ project: 'nobody' })).toEqual({ items: [] });
    });

    test('counts when asked', async () => {
      expect(await list({ limit: '1', total: 'true', status: 'running' })).toMatchObject({
        total: (await list({ limit: '500', status: 'running' })).items.length,
        totalIsExact: true,
      });
    });

    const foreign = (sort: string, rest: unknown[]) =>
      Buffer.from(JSON.stringify([sort, ...rest])).toString('base64url');
    test.each([
      ['', '-id'],
      ['x', '-id'],
      ['bnVsbA', '-id'],
      [encodeCursor('-submittedAt', [5, 5]), '-id'],
      [encodeCursor('-id', [5]), '-id'],
      [encodeCursor('-id', [5, 5, 5]), '-id'],
      [foreign('-id', ['5', '5']), '-id'],
      [foreign('-id', [5, 1.5]), '-id'],
      [foreign('-id', [1e300, 5]), '-id'],
      [foreign('-submittedAt', ['x', 5]), '-submittedAt'],
      [foreign('-submittedAt', [null, 5]), '-submittedAt'],
      [foreign('name', [5, 5]), 'name'],
      [foreign('name', ['a\u0000', 5]), 'name'],
      [foreign('name', ['\ud800', 5]), 'name'],
      [foreign('name', [{ a: 1 }, 5]), 'name'],
    ])('refuses a cursor that is none of its own: %j for %s', async (cursor, sort) => {
      await expect(list({ cursor, sort })).rejects.toMatchObject({ code: 'invalid_cursor' });
    });
  });

  test('filters say the same in SQL and in memory', async () => {
    const jobs = await findSummaries(store.read, everything, all);
    const several = (options: readonly string[]) =>
      maybe(fc.subarray([...options, 'none of them'], { minLength: 1 }));
    const anyFilter = fc.record({
      status: maybe(fc.subarray([...jobStatuses], { minLength: 1 })),
      kind: several(values.kind),
      project: several(values.project),
      user: several(values.user),
      configuration: fc.constantFrom(undefined, undefined, undefined, ['none']),
      configurationVersion: fc.constantFrom(undefined, undefined, undefined, ['1.0.0']),
      source: several(values.source),
      tag: several(values.tag),
      target: fc.constantFrom(undefined, undefined, values.target, ['t1']),
      analysisStatus: maybe(fc.subarray([...analysisStatuses], { minLength: 1 })),
      assessment: maybe(fc.subarray([...assessments, 'none' as const], { minLength: 1 })),
      execution: maybe(fc.subarray([...executions], { minLength: 1 })),
      externalId: fc.constantFrom(undefined, undefined, ['1', '2']),
      parentId: fc.constantFrom(
        undefined,
        undefined,
        undefined,
        ...jobs.flatMap((job) => job.parentId ?? []),
      ),
      stalled: fc.constantFrom(undefined, undefined, false, true),
      submittedAfter: maybe(fc.constantFrom(...days, (days[1] as number) + 1)),
      submittedBefore: maybe(fc.constantFrom(...days, (days[2] as number) + 1)),
    });
    // Sparse, so that a good part of them match something.
    const filter = fc
      .tuple(anyFilter, fc.subarray(Object.keys(jobListQuerySchema.shape), { maxLength: 4 }))
      .map(
        ([each, kept]) =>
          Object.fromEntries(Object.entries(each).filter(([name]) => kept.includes(name))) as JobFilter,
      );
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(filter, async (each) => {
        const rows = await store.read
          .selectFrom('jobs')
          .select('id')
          .where(filteredJobs(each))
          .orderBy('id')
          .execute();
        const expected = jobs.filter((job) => matchesFilter(job, each)).map((job) => job.id);
        expect(rows.map((row) => row.id)).toEqual(expected);
        if (expected.length > 0) matched += 1;
      }),
      { numRuns: 400 },
    );
    expect(matched).toBeGreaterThan(40);
  }, 30_000);

  const scopes = fc.record({
    all: fc.constantFrom(false, false, false, false, true),
    projects: fc.subarray([...values.project, "p' OR 1=1 --", '']),
    providerId: fc.integer({ min: 0, max: 4 }),
    customers: fc.array(
      fc.record({
        providerId: fc.integer({ min: 0, max: 4 }),
        customer: fc.constantFrom(...values.customer, 'c'),
      }),
      { maxLength: 3 },
    ),
  });

  test('who sees a job is the same in SQL and in memory', async () => {
    const rows = await store.read
      .selectFrom('jobs')
      .select(['id', 'project', 'provider_id', 'customer'])
      .orderBy('id')
      .execute();
    await fc.assert(
      fc.asyncProperty(scopes, async (scope) => {
        const found = await store.read
          .selectFrom('jobs')
          .select('id')
          .where(visibleJobs(scope))
          .orderBy('id')
          .execute();
        const expected = rows.filter(({ project, provider_id: providerId, customer }) =>
          sees(scope, { project, providerId, customer }),
        );
        expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  test('facets count what a list with that value would show, each without its own filter', async () => {
    await fc.assert(
      fc.asyncProperty(
        scopes,
        maybe(fc.constantFrom(...jobStatuses)),
        oneOf('kind'),
        async (scope, status, kind) => {
          const filter: JobFilter = { ...(status && { status: [status] }), ...(kind && { kind: [kind] }) };
          const jobs = await findSummaries(store.read, scope, all);
          const reads = { profile: store.profile, db: store.people };
          const counted = await countNewest(reads, scope, filter);
          const { facets } = counted;
          expect(counted).toEqual(await countAll(reads, scope, filter, new AbortController().signal));
          expect(counted.total).toBe(jobs.filter((job) => matchesFilter(job, filter)).length);
          for (const facet of facetNames) {
            const those = jobs.filter((job) => matchesFilter(job, { ...filter, [facet]: undefined }));
            const values = those.flatMap((job) => (facet === 'tag' ? job.tags : [job[facet]]));
            const expected = Map.groupBy(values, (value) => value);
            expect(new Map(facets[facet].map(({ value, count }) => [value, count]))).toEqual(
              new Map([...expected].map(([value, all]) => [value, all.length])),
            );
            expect(facets[facet].map(({ count }) => count)).toEqual(
              facets[facet].map(({ count }) => count).sort((a, b) => b - a),
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});
