import {
  analysisStatuses,
  assessments,
  type JobSummary,
  jobListQuerySchema,
  jobStatuses,
  matchesQuery,
  parseQuery,
  Query,
  type QueryContext,
} from '@daybook/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { matchesFilter } from '../live/matches-filter.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { patchJob } from './edit-jobs.ts';
import { countIds, findIds } from './find-ids.ts';
import { findJobs } from './find-jobs.ts';
import { conditionOf } from './index-question.ts';
import { listJobs } from './list-jobs.ts';
import { actorOf, type Diary, diaryOn } from './testing/diary.ts';
import { RANGE } from './word-ranges.ts';

const context: QueryContext = { me: 'doea', now: Date.UTC(2026, 5, 1), timeZone: 'Europe/Berlin' };
const everything = actorOf().scope;
const asked = (text: string) => {
  const root = parseQuery(text);
  return { q: root === undefined ? undefined : new Query(root, context) };
};

/** The table of the contract (caejobdiary.md, Search) and of the language: query → names of the jobs that it finds. */
const jobs = {
  sled: {
    externalId: '1234567',
    name: 'main_sled_simulation.key',
    user: 'doea',
    project: '3001234',
    kind: 'simulation',
    solver: 'LS-DYNA mpp',
    status: 'succeeded',
    submitDirectory: '/mnt/work/Run_7 left/deep',
    submittedAt: '2026-03-01T23:30:00Z',
    startedAt: '2026-03-02T00:00:00Z',
    endedAt: '2026-03-02T03:00:00Z',
    info: 'The (baseline), with "new" pulse.',
    summary: 'Crack near weld; see it.',
    assessment: 'not_ok',
    analysisStatus: 'done',
    tags: ['PAB', '#weld line'],
  },
  buck: {
    externalId: '1234568',
    name: 'buck_v2.key',
    user: 'Müller',
    project: 'q000351',
    kind: 'simulation',
    status: 'failed',
    submittedAt: '2026-03-03T10:00:00Z',
    startedAt: '2026-03-03T11:00:00Z',
    endedAt: '2026-03-03T11:30:00Z',
    info: 'varies the sled',
    assessment: 'obsolete',
    baseRuns: ['1234567'],
  },
  import: {
    name: 'MY_DATASET',
    kind: 'import',
    operation: 'ADD',
    target: 'MY_DATASET',
    status: 'queued',
    submittedAt: '2026-04-01T10:00:00Z',
    runAfter: '2099-01-01T00:00:00Z',
  },
} as const;
type Name = keyof typeof jobs;

const cases: readonly [query: string, found: readonly Name[]][] = [
  ['', ['sled', 'buck', 'import']],
  ['sled', ['sled', 'buck']],
  ['SLED simulation.', ['sled']],
  ['led', []],
  ['main_sled', ['sled']],
  ['main_sled_simulation.k', ['sled']],
  ['simulation.key', ['sled']],
  ['v2', ['buck']],
  ['1234', ['sled', 'buck']],
  ['müll', ['buck']],
  ['mu', []],
  ['ＭÜＬＬＥＲ', ['buck']],
  ['Run_7', ['sled']],
  ['run', ['sled']],
  ['baseline', ['sled']],
  ['(baseline)', ['sled']],
  ['"(baseline),"', ['sled']],
  ['nok', ['sled']],
  ['not ok', ['sled']],
  ['norm term', ['sled']],
  ['term', ['sled', 'buck']],
  ['error', ['buck']],
  ['pend', ['import']],
  ['2026-03-02', ['sled']],
  ['2026-03', ['sled', 'buck']],
  ['open', ['buck', 'import']],
  ['"new pulse"', ['sled']],
  ['"pulse new"', []],
  ['"weld see it"', ['sled']],
  ['"sled"', ['sled', 'buck']],
  ['"sle"', []],
  ['"failed"', ['buck']],
  ['"fail"', []],
  ['-sled', ['import']],
  ['-"new pulse"', ['buck', 'import']],
  ['-term', ['import']],
  ['v2 OR baseline', ['sled', 'buck']],
  ['1234 (v2 OR import)', ['buck']],
  ['(v2 1234) OR add', ['buck', 'import']],
  ['-(v2 OR add)', ['sled']],
  ['status:failed', ['buck']],
  ['status:ended -status:failed', ['sled']],
  ['is:active', ['import']],
  ['is:scheduled', ['import']],
  ['-is:scheduled', ['sled', 'buck']],
  ['sled* main*', ['sled']],
  ['status:pending', ['import']],
  ['status:"norm term",error', ['sled', 'buck']],
  ['base:*', ['buck']],
  ['-base:*', ['sled', 'import']],
  ['base:123*', ['buck']],
  ['base:234*', []],
  ['base:"123*"', []],
  ['-configuration:*', ['sled', 'buck', 'import']],
  ['user:DOEA', ['sled']],
  ['user:mü*', ['buck']],
  ['user:do', []],
  ['-user:*', ['import']],
  ['is:mine', ['sled']],
  ['-is:mine', ['buck', 'import']],
  ['project:3001234,q000351', ['sled', 'buck']],
  ['kind:import', ['import']],
  ['tag:pab', ['sled']],
  ['tag:"#weld line"', ['sled']],
  ['weld', ['sled']],
  ['solver:"ls-dyna mpp"', ['sled']],
  ['solver:ls*', ['sled']],
  ['assessment:none', ['import']],
  ['assessment:none,nok', ['sled', 'import']],
  ['-assessment:obsolete', ['sled', 'import']],
  ['analysis:done', ['sled']],
  ['name:led_sim', ['sled']],
  ['name:KEY', ['sled', 'buck']],
  ['name:"_DATA"', ['import']],
  ['path:"run_7 l"', ['sled']],
  ['path:/deep', ['sled']],
  ['external:1234567', ['sled']],
  ['external:123456', []],
  ['base:1234567', ['buck']],
  ['after:2026-03-02', ['sled', 'buck', 'import']],
  ['before:"2026-03-02 00:30"', []],
  ['before:2026-03-02T00:00:00Z', ['sled']],
  ['ended-after:2026-03-03', ['buck']],
  ['-ended-before:2026-03-03', ['buck', 'import']],
  ['duration:>2h', ['sled']],
  ['duration:10m..1h', ['buck']],
  ['-duration:>2h', ['buck', 'import']],
  ['progress:100', ['sled']],
  ['operation:add target:my_dataset', ['import']],
  ['"100%" OR "_"', []],
  ["it's' \\ %_ '; DROP", []],
];

forEachEngine((_, newDatabase) => {
  let store: Store;
  let diary: Diary;
  const ids = {} as Record<Name, number>;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    diary = diaryOn(store);
    for (const name of Object.keys(jobs) as Name[])
      ids[name] = (await diary.create({ ...(jobs[name] as object) })).id;
  }, 60_000);
  const search = (text: string, scope = everything) =>
    findIds(
      { profile: store.profile, db: store.read },
      { scope, filter: asked(text), sort: 'id', limit: 100 },
    );

  describe('finds', () => {
    test.each(cases)('%s', async (text, names) => {
      const wanted = names.map((name) => ids[name]);
      expect(await search(text)).toEqual(wanted);
      const all = await findJobs(store.read, everything, Object.values(ids));
      const matching = all.filter((job) => matchesQuery({ ...job }, parseQuery(text), context));
      expect(matching.map(({ id }) => id)).toEqual(wanted);
      expect(
        await countIds(
          { profile: store.profile, db: store.read },
          { scope: everything, filter: asked(text) },
          10,
        ),
      ).toBe(wanted.length);
    });

    test('ids, parents and base runs by their numbers', async () => {
      expect(await search(`id:${ids.sled},${ids.buck}`)).toEqual([ids.sled, ids.buck]);
      expect(await search(`base:#${ids.sled}`)).toEqual([ids.buck]);
      expect(await search(`-parent:${ids.sled} id:${ids.buck}`)).toEqual([ids.buck]);
    });
  });

  test('what is saved is found at once, and what is gone is not', async () => {
    const { id, version } = await diary.create({ name: 'fresh.key', info: 'zebra stripes' });
    expect(await search('zebra')).toEqual([id]);
    await patchJob(diary.appender, diary.admin, id, { version, info: 'giraffe spots', tags: ['savanna'] }, 0);
    expect(await search('zebra')).toEqual([]);
    expect(await search('giraffe savanna tag:savanna "giraffe spots"')).toEqual([id]);
    expect(await search('analysis:open name:esh')).toContain(id);
  });

  test('whoever sees less finds less', async () => {
    const scope = { ...everything, all: false, projects: ['q000351'] };
    expect(await search('1234', scope)).toEqual([ids.buck]);
    expect(await search('-zzz', scope)).toEqual([ids.buck]);
  });

  describe('among many', () => {
    const words = [
      'sled',
      'sledge',
      'mast',
      'ma',
      'zq',
      'Äußeres',
      'x_y',
      'a.b',
      'failed',
      'ok',
      '12',
      'q(',
      "o'n",
      'a"b',
      '%',
    ];
    const someText = fc
      .array(fc.constantFrom(...words, 'und', 'der'), { maxLength: 4 })
      .map((each) => each.join(' '));
    const someJob = fc.record({
      name: fc
        .tuple(fc.constantFrom(...words), fc.constantFrom('', '_v1', '.key', '_sled.k'))
        .map((parts) => parts.join('')),
      info: someText,
      summary: someText,
      status: fc.constantFrom(...jobStatuses),
      kind: fc.constantFrom('simulation', 'import'),
      user: fc.constantFrom('doea', 'DoeB', undefined),
      project: fc.constantFrom('p', 'q', undefined),
      assessment: fc.constantFrom(null, ...assessments),
      analysisStatus: fc.constantFrom(...analysisStatuses),
      tags: fc.subarray(['x', '#y z', 'Sled']),
      submitDirectory: fc.constantFrom(undefined, '/a/sled_x', '/b c/ma'),
    });
    const leaf = fc.oneof(
      fc.constantFrom(...words.filter((word) => !/[("]/.test(word))),
      fc.constantFrom(
        's',
        'm',
        'fa',
        'te',
        'no',
        'o',
        'z',
        'x_',
        'äu',
        'do',
        '"sled ma"',
        '"der und"',
        '"mast"',
        '"ok"',
      ),
      fc.constantFrom(
        'status:failed',
        'user:doeb',
        'user:do*',
        'tag:sled,x',
        'tag:"#y z"',
        'assessment:none',
        'is:mine',
      ),
      fc.constantFrom(
        'kind:import',
        'analysis:open',
        'name:led',
        'path:/a',
        'path:"b c"',
        'project:p',
        'progress:>0',
      ),
    );
    const { query } = fc.letrec((tie) => ({
      query: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a} ${b})`),
        fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a} OR ${b})`),
        tie('query').map((each) => `-(${each})`),
      ),
    }));
    let all: JobSummary[];
    beforeAll(async () => {
      // More than one window, so that the index has its say.
      for (const n of [1, 2, 3, 4, 5]) {
        // Most in ranges of words of their own (`word-ranges.ts`), and some ranges without jobs.
        await store.write(({ db }) => store.profile.startJobIds(db, RANGE * n * n - 200));
        const bodies = fc.sample(someJob, { numRuns: 500, seed: n });
        await diary.createMany(
          bodies.map((body, i) => ({ ...body, info: n === 1 && i < 9 ? `rare${i} unicorn` : body.info })),
        );
      }
      all = await findJobs(store.read, everything, await search('-zzzz').then(() => idsOf(store)));
    }, 120_000);

    test('both ways and memory agree, whatever is asked', async () => {
      let found = 0;
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...rareQueries, ''), query, async (rare, text) => {
          const filter = asked(`${rare} ${text}`);
          const expected = all.filter((job) => matchesFilter(job, filter)).map(({ id }) => id);
          const reads = { profile: store.profile, db: store.read };
          const up = await findIds(reads, { scope: everything, filter, sort: 'id', limit: 5_000 });
          const down = await findIds(reads, { scope: everything, filter, sort: '-id', limit: 40 });
          expect(up).toEqual(expected);
          expect(down).toEqual(expected.toReversed().slice(0, 40));
          expect(await countIds(reads, { scope: everything, filter }, 100)).toBe(
            Math.min(101, expected.length),
          );
          if (expected.length > 0) found += 1;
        }),
        { numRuns: 50 },
      );
      expect(found).toBeGreaterThan(5);
    }, 300_000);

    test.each([
      '-id',
      'id',
      '-submittedAt',
      'name',
      '-name',
      '-endedAt',
      'duration',
      'user',
      '-project',
    ] as const)('pages through what a query finds, once each: %s', async (sort) => {
      const filter = asked('sled -status:queued');
      const found: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await listJobs(store, everything, {
          ...jobListQuerySchema.parse({ sort, limit: 100 }),
          ...filter,
          cursor,
        });
        found.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      const whole = await findIds(
        { profile: store.profile, db: store.read },
        { scope: everything, filter, sort, limit: 5_000 },
      );
      expect(found).toEqual(whole);
      expect(new Set(found).size).toBe(found.length);
      const excluded = sort === '-endedAt' || sort === 'duration';
      if (!excluded) expect(found).toHaveLength(all.filter((job) => matchesFilter(job, filter)).length);
    });

    test('the index follows what is written: new words, and none of what is gone', async () => {
      const counted = (text: string) =>
        countIds({ profile: store.profile, db: store.read }, { scope: everything, filter: asked(text) }, 10);
      const old = all.find(({ info }) => info === 'rare4 unicorn') as JobSummary;
      const { id, version } = old;
      await patchJob(diary.appender, diary.admin, id, { version, info: 'minotaur' }, 0);
      expect(await search('minotaur')).toEqual([id]);
      expect(await search('rare4')).toEqual([]);
      expect([await counted('minotaur'), await counted('rare4')]).toEqual([1, 0]);
      await store.write(({ db }) => sql`DELETE FROM job_words WHERE job_id = ${id}`.execute(db));
      expect(await counted('minotaur')).toBe(0);
    });
  });
});

/** Only older jobs have these words, so the newest ones do not fill the page. */
const rareQueries = ['unicorn', 'uni rare1', 'name:zq', '"rare3 unicorn"'];

async function idsOf({ read }: Store): Promise<number[]> {
  const rows = await read
    .selectFrom('jobs')
    .select('id')
    .where(() => conditionOf({ scope: everything, filter: {} }))
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}
