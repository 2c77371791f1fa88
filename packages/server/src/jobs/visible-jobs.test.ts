import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Kysely, KyselyPlugin } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { buildHouse, type House } from '../app.ts';
import { systemClock } from '../clock.ts';
import { testServer } from '../http/testing/test-server.ts';
import type { Route } from '../route.ts';
import { settingsFrom } from '../settings.ts';
import { blankItem, writeItems } from '../sources/item-rows.ts';
import type { SourceKind } from '../sources/source.ts';
import { addSource } from '../sources/source-rows.ts';
import { trackerFiles } from '../sources/tickets/ticket-source.ts';
import type { Database, Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { actorOf, type Diary, diaryOn } from './testing/diary.ts';

/* No way to a job but by visibleJobs (design.md §3): asked of every route, of every query, and of the sources. */

const tables = ['jobs', 'steps', 'events', 'log_lines', 'documents', 'annotations', 'job_tags', 'base_runs'];
/** Figures over the past jobs of its configuration, of which this one, still at work, is none: no word of it is there. */
const wordless = new Set(['/api/v1/jobs/:id/usual-durations']);
/** Stands in every text of the job that nobody may see. */
const SECRET = 'S3CRET';
/** An image that says it: what PNG begins with is all that is looked at. */
const IMAGE = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.from(SECRET),
]);

forEachEngine((engine, newDatabase) => {
  let house: House;
  let server: FastifyInstance;
  let diary: Diary;
  let secretId: number;
  /** A job that says nothing of it, to compare with. */
  let otherId: number;
  /** Its directory. */
  let files: string;
  /** Queries on the tables of jobs, as text. */
  const asked: string[] = [];
  /** Whoever asks next. */
  let actor: Actor;
  const outsiders = {
    nobody: actorOf({ role: 'viewer' }, {}),
    'another project': actorOf({ role: 'editor' }, { projects: ['mine'] }),
    'another provider': actorOf({ role: 'provider', providerId: 77 }, { providerId: 77 }),
    'a customer of that name elsewhere': actorOf(
      { role: 'customer' },
      { customers: [{ providerId: 99, customer: SECRET }] },
    ),
  };

  beforeAll(async () => {
    const store = recorded((await newDatabase()).open(), asked);
    files = mkdtempSync(join(tmpdir(), 'daybook-secret-'));
    writeFileSync(join(files, SECRET), SECRET);
    house = buildHouse(
      store,
      settingsFrom({ flags: { jobFiles: files } }),
      systemClock,
      pino({ level: 'silent' }),
    );
    server = testServer(house.routes, () => actor);
    diary = diaryOn(store);
    const job = await diary.create(
      {
        name: SECRET,
        kind: SECRET,
        project: SECRET,
        user: SECRET,
        customer: SECRET,
        externalId: SECRET,
        source: SECRET,
        info: SECRET,
        tags: [SECRET],
        baseRuns: [SECRET],
        parameters: { a: SECRET },
        metadata: { a: SECRET },
        steps: [{ tag: SECRET }],
        target: SECRET,
        jobDirectory: files,
      },
      actorOf({ providerId: 5 }),
    );
    secretId = job.id;
    await seenBySource(store, secretId);
    await diary.report(
      secretId,
      { kind: 'step', step: SECRET, status: 'running', message: SECRET },
      { kind: 'log', message: SECRET },
      { kind: 'link', message: SECRET },
    );
    // Its base run and its child are somebody else's: they must not show it either.
    const other = await diary.create({
      externalId: 'mine',
      project: 'mine',
      baseRuns: [`#${secretId}`],
      parentId: secretId,
    });
    otherId = other.id;
    const image = { name: SECRET, content: IMAGE.toString('base64') };
    expect(await ask(diary.admin, 'POST', `/api/v1/jobs/${secretId}/images`, image)).toMatchObject({
      status: 201,
    });
    const summary = { version: 1, summary: SECRET };
    expect(await ask(diary.admin, 'PATCH', `/api/v1/jobs/${secretId}`, summary)).toMatchObject({
      status: 200,
    });
  });
  afterAll(async () => {
    await server.close();
    house.tail.close();
    await house.authenticator.close();
    rmSync(files, { recursive: true });
  });

  const ask = async (who: Actor, method: Route['method'], url: string, payload?: object) => {
    actor = who;
    const answer = await server.inject({
      method,
      url,
      headers: { host: 'localhost' },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, text: answer.payload };
  };
  const namingSecret = (path: string) =>
    path
      .replace(':id', String(secretId))
      .replace(':name', SECRET)
      .replace(':image', '1')
      .replace(/files\/content$/, `$&?path=${SECRET}`)
      .replace(/jobs\/compare$/, `$&?ids=${secretId},${otherId}`)
      .replace(/jobs\/export$/, '$&?format=csv');
  const reading = () =>
    house.routes.filter(
      ({ method, path }) => method === 'GET' && /\/(jobs|targets)/.test(path) && path.startsWith('/api/v1/'),
    );

  test('whoever may see the job is shown it by every route', async () => {
    for (const { path } of reading()) {
      const { status, text } = await ask(diary.admin, 'GET', namingSecret(path));
      expect([path, status, text.includes(SECRET)]).toEqual([path, 200, !wordless.has(path)]);
    }
  });

  describe.each(Object.keys(outsiders) as (keyof typeof outsiders)[])('%s', (name) => {
    test('is shown nothing of it by any route, nor by a filter, nor by a count', async () => {
      const who = outsiders[name];
      const filters = [
        '',
        `?kind=${SECRET}&total=true`,
        `?externalId=${SECRET}`,
        `?tag=${SECRET}&sort=name`,
        `?parentId=${secretId}`,
      ];
      for (const { path } of reading()) {
        for (const filter of /:|compare/.test(path) ? [''] : filters) {
          const fitting = /facets|export/.test(path) ? filter.replace(/[?&](total|sort).*/, '') : filter;
          const named = namingSecret(path);
          const url = named + (named.includes('?') ? fitting.replace('?', '&') : fitting);
          const { status, text } = await ask(who, 'GET', url);
          expect([url, text.includes(SECRET)]).toEqual([url, false]);
          if (/:|compare/.test(path)) expect([url, [403, 404].includes(status)]).toEqual([url, true]);
          if (fitting.includes('total')) expect(JSON.parse(text)).not.toMatchObject({ total: 1 });
        }
      }
    });

    test('changes nothing of it by any route', async () => {
      const who = { ...outsiders[name], role: 'admin' as const };
      const before = await diary.jobs.get(diary.admin.scope, secretId);
      const attempts: [Route['method'], string, object?][] = [
        ['PATCH', `/api/v1/jobs/${secretId}`, { version: 2, summary: 'x' }],
        ['POST', `/api/v1/jobs/${secretId}/retry`],
        ['POST', `/api/v1/jobs/${secretId}/cancel`],
        ['POST', `/api/v1/jobs/${secretId}/heartbeat`],
        ['POST', `/api/v1/jobs/${secretId}/images`, { content: IMAGE.toString('base64') }],
        ['DELETE', `/api/v1/jobs/${secretId}/images/1`],
        ['PATCH', `/api/v1/jobs/${secretId}/ticket`, { status: 'failed' }],
        ['DELETE', `/api/v1/jobs/${secretId}/ticket/edits/1`],
        ['POST', `/api/v1/jobs/${secretId}/events`, { kind: 'log', message: 'x' }],
        ['POST', '/api/v1/events', { events: [{ jobId: secretId, kind: 'log', message: 'x' }] }],
      ];
      const writing = house.routes.filter(
        ({ method, path }) => method !== 'GET' && /\/jobs\/:id|v1\/events/.test(path),
      );
      expect(
        attempts
          .map(
            ([method, url]) =>
              `${method} ${url.replace(`jobs/${secretId}`, 'jobs/:id').replace('edits/1', 'edits/:edit').replace('images/1', 'images/:image')}`,
          )
          .sort(),
      ).toEqual(writing.map(({ method, path }) => `${method} ${path}`).sort());
      for (const [method, url, payload] of attempts) {
        const { status, text } = await ask(who, method, url, payload);
        expect([url, status, text.includes(SECRET)]).toEqual([url, 404, false]);
      }
      expect(await ask(who, 'POST', '/api/v1/jobs', { name: 'x', parentId: secretId })).toMatchObject({
        status: 400,
      });
      expect(await diary.jobs.get(diary.admin.scope, secretId)).toEqual(before);
    });
  });

  test('a base run that one may not see has no id', async () => {
    const who = outsiders['another project'];
    const { text } = await ask(who, 'GET', '/api/v1/jobs');
    const mine = JSON.parse(text).items[0].id;
    const { text: whole } = await ask(who, 'GET', `/api/v1/jobs/${mine}`);
    expect(JSON.parse(whole).baseRuns).toEqual([{ externalId: null, id: null }]);
  });

  test('every query on jobs that a route asks has the predicate', async () => {
    const silent: string[] = [];
    asked.length = 0;
    for (const { path } of reading()) {
      const before = asked.length;
      await ask(outsiders.nobody, 'GET', namingSecret(path));
      if (asked.length === before) silent.push(path);
    }
    // What was counted for the same visibility a moment ago is not counted again (how long ago depends on the machine).
    expect(silent.filter((path) => path !== '/api/v1/jobs/facets')).toEqual([]);
    // Whoever sees nothing asks with `1 = 0`; what hangs on a job is asked only once the job was found.
    // Where so many words end, and what the planner thinks of some, bounds a search and tells nobody of any job.
    const bound =
      /^\s*(EXPLAIN|SELECT job_id AS id FROM job_words WHERE \S+ = \S+ ORDER BY job_id DESC OFFSET)/;
    for (const query of asked.filter((text) => !bound.test(text))) expect(query).toContain('1 = 0');
    expect(engine).toBeDefined();
  });
});

/** The job has a ticket, too. */
async function seenBySource(store: Store, jobId: number): Promise<void> {
  const clock = { now: () => 0 };
  const kinds = new Map<string, SourceKind>([[trackerFiles.kind, trackerFiles]]);
  const source = { name: SECRET, kind: trackerFiles.kind, settings: {}, enabled: true };
  const id = await addSource({ store, clock, kinds }, actorOf(), source);
  const item = { ...blankItem(id, `${SECRET}.json`, 0), job_id: jobId, content: SECRET, place: SECRET };
  await store.write((transaction) => writeItems(transaction, [item]));
}

/** The store, with what is asked of the tables of jobs written down. */
function recorded(store: Store, asked: string[]): Store {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      const text = JSON.stringify(node);
      if (tables.some((table) => new RegExp(`"name":"${table}"|(FROM|JOIN) ${table}\\b`).test(text)))
        asked.push(text);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const watched = (db: Kysely<Database>) => db.withPlugin(plugin);
  return {
    ...store,
    read: watched(store.read),
    people: watched(store.people),
    bulk: watched(store.bulk),
    snapshot: (work) => store.snapshot((db) => work(watched(db))),
  };
}

/**
 * Places that read the tables of jobs without the predicate, each with its reason. A new one needs a line here: somebody
 * has to think about who may see what it reads.
 */
const allowed: Readonly<Record<string, string>> = {
  'jobs/hot-statements.ts': 'statements of the writer: append asks `sees` of every job it has loaded',
  'jobs/create-jobs.ts': 'looks for external ids: asks `sees` of each job that exists already',
  'jobs/edit-jobs.ts':
    'locks the row, then asks for the job with the predicate before it says or changes anything',
  'jobs/job-states.ts': "the writer's own deletion of steps",
  'jobs/parents.ts': 'counts children for the writer, and shows nobody anything',
  'jobs/stalled.ts': 'a duty: flags, and shows nobody anything',
  'jobs/replay.ts': 'compares rows with events for the operator, in the process',
  'queue/candidates.ts':
    'begins with jobsWithTexts, which has the predicate, and adds the texts of these jobs',
  'queue/capacity.ts':
    'counts running jobs for the limits, which are about all jobs, and shows nobody anything',
  'queue/heartbeats.ts': 'leases: asks `sees` of the job behind each, and for its token',
  'queue/lost-leases.ts': 'a duty: takes jobs from workers, and shows nobody anything',
  'queue/queue.ts': 'asks whether anything waits at all, and tells nobody',
  'live/read-facts.ts':
    'one reading serves all watchers: the visibility is in the rows, Watcher asks `sees` of each',
  'configurations/past-durations.ts': 'figures over many jobs of one configuration, no job among them',
  'configurations/told-ends.ts':
    'a duty: notes which end was foretold of running jobs, to hold it against the real one; shows nobody a job',
  'dialects/microdata/job-log.ts': 'reads the logs of jobs that wire-jobs.ts has found with the predicate',
  'dialects/tracker/events.ts':
    'looks for the job by trackerJobs, which has the predicate; then reads status and steps of that job for the writer',
  'sources/tickets/ticket-said.ts':
    'compares jobs with the tickets that they came from, to write back what was said; shows nobody anything',
  'sources/tickets/ticket-monitor.ts': "flags a source's own jobs as stalled, and shows nobody anything",
  'jobs/learn.ts': 'writes what a source learned of its own jobs, and shows nobody anything',
  'dialects/pacifica/pacifica-routes.ts': 'reads the number of a job that its caller has just made',
  'ingest/abandoned.ts': 'a duty: ends uploads that nobody goes on with, and shows nobody a job',
  'ingest/held-job.ts': 'writes what the job that this worker holds turned out to be about',
  'ingest/receptions-desk.ts': 'asks whether the job of a bundle has ended, and shows nobody anything',
  'ingest/intake.ts': 'asks whether the job of an upload has ended, which only its owner goes on with',
  'bulk/editable-jobs.ts': 'asks findIds for the jobs of a filter, and `sees` of every job that it reads',
  'bulk/edits.ts':
    'which jobs an edit was about: each is read by editable-jobs.ts before anybody hears of it',
  'storage/postgres/transaction.ts':
    'locks rows for the writer, which asks `sees` of every job it has loaded',
  'jobs/filtered-jobs.ts': 'conditions that conditionOf joins with the predicate',
  'jobs/queried-jobs.ts': 'conditions that conditionOf joins with the predicate',
  'jobs/sqlite-ids.ts':
    'asks conditionOf of every job, but of those whose words say all for whoever sees all',
  'jobs/postgres-ids.ts':
    'asks conditionOf of every job, but of those whose words say all for whoever sees all',
  'jobs/narrow-jobs.ts': 'counts some statuses to choose a way, and asks conditionOf of every job',
  'jobs/ordered-ids.ts': 'puts into order what fulfils a condition of its caller, which is conditionOf',
  'bulk/candidates.ts': 'asks findIds for the jobs of a filter, and `sees` of every job that it reads',
  'duties/fill-words.ts': 'a duty: has the words of old jobs written, and shows nobody anything',
  'jobs/facets.ts': 'counts what conditionOf lets through, which has the predicate',
  'jobs/words.ts': 'reads jobs to write what they are found by, and shows nobody anything',
  'demo/fill-demo.ts': 'asks whether the diary is empty',
  'demo/live-jobs.ts': "the demo's own jobs, as Daybook itself",
};

test('no source reads jobs without the predicate but those that may', () => {
  const root = join(import.meta.dirname, '..');
  const named = new RegExp(
    `(selectFrom|[jJ]oin|updateTable|deleteFrom|FROM|JOIN|UPDATE|table:)[ (]*'?(${tables.join('|')})\\b`,
  );
  const readers = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !/testing\/|migrations\//.test(path),
    )
    .map((path) => ({ path: relative(root, join(root, path)), text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => named.test(text));
  const without = readers.filter(({ text }) => !text.includes('visibleJobs(')).map(({ path }) => path);
  expect(without.sort()).toEqual(Object.keys(allowed).sort());
});
