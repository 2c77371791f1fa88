import { expect } from 'vitest';
import { type Ask, type Family, tutorial, unused } from './python-client.ts';

/** What a client of trackerapi was promised (its contract, row by row), and the proof. */
export interface Promised {
  readonly promise: string;
  prove(ask: Ask, words: Family): Promise<void>;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** Registers a configuration; answers its tag. */
async function registered(
  ask: Ask,
  more: Record<string, unknown> = {},
  tag = unused('tag'),
): Promise<string> {
  const answer = await ask('POST', '/job_configurations', tutorial(tag, more));
  if (answer.status !== 200) throw new Error(`not registered: ${answer.text}`);
  return tag;
}

/** Makes a job with the tutorial's steps; answers its ids. */
async function newJob(ask: Ask, words: Family): Promise<{ id: number; providerId: string }> {
  const providerId = unused('job');
  const tag = await registered(ask);
  const answer = await ask('POST', words.path, { [words.id]: providerId, [words.customer]: 142, tag });
  if (answer.status !== 200) throw new Error(`no job was made: ${answer.text}`);
  return { id: answer.body.id, providerId };
}

/** Sends an event of a step, which must be taken. */
async function say(ask: Ask, words: Family, providerId: string, kind: string, step: string, metadata = {}) {
  const body = { kind, [words.step]: step, [words.id]: providerId, event_metadata: metadata };
  const answer = await ask('POST', '/events', body);
  expect([kind, step, answer.status]).toEqual([kind, step, 200]);
  return answer.body;
}

const jobOf = async (ask: Ask, { path }: Family, id: number) => (await ask('GET', `${path}/${id}`)).body;
const stepsOf = async (ask: Ask, words: Family, id: number) =>
  (await jobOf(ask, words, id)).steps.map((step: { status: string }) => step.status);
const progressOf = async (ask: Ask, words: Family, id: number) => (await jobOf(ask, words, id)).progress;

export const promises: readonly Promised[] = [
  {
    promise: 'a good key is Authorized!',
    async prove(ask) {
      const answer = await ask('GET', '/api-keys/protected');
      expect([answer.status, answer.text]).toEqual([200, '"Authorized!"']);
      expect(await ask('GET', '/api-keys/protected/')).toMatchObject({ status: 200 });
    },
  },
  {
    promise: 'a configuration is stored as it was sent, with what we know of it',
    async prove(ask) {
      const tag = unused('tag');
      const { status, body } = await ask('POST', '/job_configurations', tutorial(tag));
      expect(status).toBe(200);
      expect(body).toEqual({
        id: expect.any(Number),
        provider_id: expect.any(Number),
        created_at: expect.stringMatching(TIME),
        name: `Job ${tag}`,
        tag,
        version: '1.0.0',
        step_configurations: [
          { name: 'Say Hello', tag: 'say_hello', points: 10, metadata_configurations: [] },
          {
            name: 'Generate Random Number',
            tag: 'random_number',
            points: 15,
            metadata_configurations: [{ name: 'Random Number', kind: 'number' }],
          },
          { name: 'Say Bye', tag: 'say_bye', points: 10 },
        ],
      });
      expect((await ask('GET', `/job_configurations/${body.id}`)).body).toEqual(body);
      expect((await ask('GET', `/job_configurations?tag=${tag}&version=1.0.0`)).body).toEqual([body]);
    },
  },
  {
    promise: 'the same tag, version and content again is the stored one, at both addresses',
    async prove(ask) {
      const tag = unused('tag');
      const first = await ask('POST', '/job_configurations', tutorial(tag));
      expect((await ask('POST', '/job_configurations', tutorial(tag))).body).toEqual(first.body);
      expect((await ask('POST', '/jobs_configuration', tutorial(tag))).body).toEqual(first.body);
      expect((await ask('GET', `/job_configurations?tag=${tag}`)).body).toEqual([first.body]);
    },
  },
  {
    promise: 'the same tag and version with other content is refused, and nothing changes',
    async prove(ask) {
      const tag = unused('tag');
      const first = await ask('POST', '/jobs_configuration', tutorial(tag));
      const answer = await ask('POST', '/job_configurations', tutorial(tag, { name: 'Another' }));
      expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining('1.0.0') } });
      expect((await ask('GET', `/job_configurations?tag=${tag}`)).body).toEqual([first.body]);
    },
  },
  {
    promise: 'a version that is left out, or null, is 1.0.0; latest is the highest in the order of semver',
    async prove(ask) {
      const tag = unused('tag');
      const { version: _, ...without } = tutorial(tag);
      expect((await ask('POST', '/job_configurations', without)).body.version).toBe('1.0.0');
      expect((await ask('POST', '/job_configurations', tutorial(tag, { version: null }))).body.version).toBe(
        '1.0.0',
      );
      for (const version of ['1.10.0', '1.9.0', '2.0.0-rc.1', '1.2.0'])
        await registered(ask, { version }, tag);
      const of = async (query: string) =>
        (await ask('GET', `/job_configurations?tag=${tag}${query}`)).body.map(
          (each: { version: string }) => each.version,
        );
      expect(await of('')).toEqual(['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1', '1.2.0']);
      expect(await of('&version=latest')).toEqual(['2.0.0-rc.1']);
      expect(await of('&version=1.9.0')).toEqual(['1.9.0']);
      expect(await of('&version=3.0.0')).toEqual([]);
      expect((await ask('GET', `/job_configurations?tag=${unused('absent')}&version=latest`)).body).toEqual(
        [],
      );
    },
  },
  {
    promise: 'a new job runs, and is answered in the words of the caller',
    async prove(ask, words) {
      const tag = await registered(ask);
      const providerId = unused('job');
      const body = { [words.id]: providerId, [words.customer]: 142, tag };
      const answer = await ask('POST', words.path, body);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        id: expect.any(Number),
        [words.id]: providerId,
        [words.customer]: 142,
        [words.name]: `Job ${tag}`,
        created_at: expect.stringMatching(TIME),
        status: 'running',
        progress: 0,
        events: [],
      });
      const others = words.id === 'provider_job_id' ? /study|hospital/ : /provider_job|customer/;
      expect(answer.text).not.toMatch(others);
      expect((await ask('GET', `${words.path}/${answer.body.id}`)).body).toEqual(answer.body);
      expect((await ask('GET', `${words.path}?${words.id}=${providerId}`)).body).toEqual([answer.body]);
    },
  },
  {
    promise: 'the name of a new job is looked up as a tag and as a name, of any version',
    async prove(ask, words) {
      const [tag, old, recent] = [unused('tag'), unused('Old name'), unused('New name')];
      await registered(ask, { name: old }, tag);
      await registered(ask, { name: old, version: '1.1.0' }, tag);
      await registered(ask, { name: recent, version: '2.0.0', step_configurations: [] }, tag);
      const made = async (more: object) => {
        const { body } = await ask('POST', words.path, {
          [words.id]: unused('job'),
          [words.customer]: 1,
          ...more,
        });
        return [body[words.name], body.tag, body.version, body.steps.length];
      };
      expect(await made({ [words.name]: tag })).toEqual([tag, tag, '2.0.0', 0]);
      expect(await made({ [words.name]: old })).toEqual([old, tag, '1.1.0', 3]);
      expect(await made({ tag })).toEqual([recent, tag, '2.0.0', 0]);
      expect(await made({ tag: old })).toEqual([old, tag, '1.1.0', 3]);
      expect(await made({ tag: recent })).toEqual([recent, tag, '2.0.0', 0]);
      const nothing = unused('Nothing bears this');
      expect(await made({ tag: nothing })).toEqual([nothing, null, null, 0]);
      expect(await made({ [words.name]: nothing })).toEqual([nothing, null, null, 0]);
    },
  },
  {
    promise: 'customers may be named by any id, numbers leave as numbers; and by none',
    async prove(ask, words) {
      for (const customer of [142, 0, 'C-17', '0042', 'Klinik Süd'])
        expect(
          (await ask('POST', words.path, { [words.id]: unused('job'), [words.customer]: customer, tag: 'x' }))
            .body[words.customer],
        ).toBe(customer);
      const { status, body } = await ask('POST', words.path, { [words.id]: unused('job'), tag: 'x' });
      expect([status, body[words.customer]]).toEqual([200, null]);
    },
  },
  {
    promise: 'a provider_job_id is unique: the second is refused, of two at once one',
    async prove(ask, words) {
      const body = { [words.id]: unused('job'), [words.customer]: 142, tag: 'x' };
      const answers = await Promise.all([1, 2, 3].map(() => ask('POST', words.path, body)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
      expect(await ask('POST', words.path, body)).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining(words.id) },
      });
      expect((await ask('GET', `${words.path}?${words.id}=${body[words.id]}`)).body).toHaveLength(1);
    },
  },
  {
    promise: 'a kind that says that a step is done adds its points, and the last one ends the job',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      expect(
        await say(ask, words, providerId, words.done, 'say_hello', { Message: 'Hello Jörg' }),
      ).toMatchObject({
        id: expect.any(Number),
        kind: words.done,
        name: 'say_hello',
        [words.id]: providerId,
        event_metadata: { Message: 'Hello Jörg' },
        created_at: expect.stringMatching(TIME),
        applied: true,
      });
      expect(await progressOf(ask, words, id)).toBe(28.57);
      await say(ask, words, providerId, words.done, 'random_number', { 'Random Number': 17 });
      expect(await progressOf(ask, words, id)).toBe(71.43);
      expect((await jobOf(ask, words, id)).status).toBe('running');
      await say(ask, words, providerId, words.done, 'say_bye');
      const job = await jobOf(ask, words, id);
      expect(job).toMatchObject({
        status: 'succeeded',
        progress: 100,
        ended_at: expect.stringMatching(TIME),
      });
      expect(job.steps[0]).toMatchObject({
        tag: 'say_hello',
        name: 'Say Hello',
        points: 10,
        status: 'Complete',
        metadata: { Message: 'Hello Jörg' },
      });
      expect(job.events.map((each: Record<string, unknown>) => [each['kind'], each['name']])).toEqual([
        [words.done, 'say_hello'],
        [words.done, 'random_number'],
        [words.done, 'say_bye'],
      ]);
    },
  },
  {
    promise: 'Pending, In progress, Complete and Error are states of a step, however they are written',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      await say(ask, words, providerId, 'Pending', 'say_hello');
      expect(await stepsOf(ask, words, id)).toEqual(['Pending', 'Pending', 'Pending']);
      await say(ask, words, providerId, 'In progress', 'say_hello');
      expect(await stepsOf(ask, words, id)).toEqual(['In progress', 'Pending', 'Pending']);
      await say(ask, words, providerId, 'complete', 'say_hello');
      await say(ask, words, providerId, 'in_progress', 'random_number');
      expect(await stepsOf(ask, words, id)).toEqual(['Complete', 'In progress', 'Pending']);
      await say(ask, words, providerId, 'Error', 'random_number', { error: 'no entropy' });
      expect(await stepsOf(ask, words, id)).toEqual(['Complete', 'Error', 'Pending']);
      expect(await jobOf(ask, words, id)).toMatchObject({
        status: 'failed',
        error: 'no entropy',
        progress: 28.57,
      });
    },
  },
  {
    promise: 'a script that goes on after an error finishes its job in a new attempt, with what was done',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      await say(ask, words, providerId, words.done, 'say_hello', { Message: 'Hi' });
      await say(ask, words, providerId, 'Error', 'random_number');
      await say(ask, words, providerId, 'In progress', 'random_number');
      const job = await jobOf(ask, words, id);
      expect(job).toMatchObject({ status: 'running', progress: 28.57 });
      expect(job.steps[0]).toMatchObject({ status: 'Complete', metadata: { Message: 'Hi' } });
      expect(await stepsOf(ask, words, id)).toEqual(['Complete', 'In progress', 'Pending']);
      await say(ask, words, providerId, words.done, 'random_number');
      await say(ask, words, providerId, words.done, 'say_bye');
      const done = await jobOf(ask, words, id);
      expect(done).toMatchObject({ status: 'succeeded', progress: 100 });
      expect(done.events.map((each: Record<string, unknown>) => [each['kind'], each['name']])).toEqual([
        [words.done, 'say_hello'],
        ['Error', 'random_number'],
        ['In progress', 'random_number'],
        [words.done, 'random_number'],
        [words.done, 'say_bye'],
      ]);
    },
  },
  {
    promise:
      'a script that says after an error only that its steps are done runs again, and ends when it does',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      await say(ask, words, providerId, 'Error', 'say_hello', { error: 'no voice' });
      const failed = await jobOf(ask, words, id);
      await say(ask, words, providerId, words.done, 'random_number');
      expect(await jobOf(ask, words, id)).toMatchObject({ status: 'failed', error: 'no voice' });
      expect(await stepsOf(ask, words, id)).toEqual(['Error', 'Complete', 'Pending']);
      await say(ask, words, providerId, words.done, 'say_hello');
      expect(await jobOf(ask, words, id)).toMatchObject({
        status: 'running',
        progress: 71.43,
        error: null,
        ended_at: null,
      });
      expect(await stepsOf(ask, words, id)).toEqual(['Complete', 'Complete', 'Pending']);
      await say(ask, words, providerId, words.done, 'say_bye');
      const done = await jobOf(ask, words, id);
      expect(done).toMatchObject({ status: 'succeeded', progress: 100 });
      expect(Date.parse(done.ended_at)).toBeGreaterThan(Date.parse(failed.ended_at));
      expect(done.events).toHaveLength(4);
    },
  },
  {
    promise: 'update_event finds the step of the event that was answered, which takes every state',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      const event = await say(ask, words, providerId, 'Pending', 'random_number');
      const update = (kind: string) =>
        ask('POST', '/update_event', { kind, id: event.id, event_metadata: { kind } });
      for (const kind of [
        'In progress',
        'Complete',
        'In progress',
        'Pending',
        'Complete',
        'Pending',
        'Error',
        'Pending',
        'Error',
        'In progress',
        'Complete',
      ]) {
        const answer = await update(kind);
        expect(answer).toMatchObject({
          status: 200,
          body: { id: event.id, kind, name: 'random_number', applied: true },
        });
        expect([kind, (await stepsOf(ask, words, id))[1]]).toEqual([kind, kind]);
      }
      expect((await jobOf(ask, words, id)).steps[1].metadata).toEqual({ kind: 'Complete' });
      expect(await ask('POST', '/update_event', { kind: 'step', id: String(event.id) })).toMatchObject({
        status: 200,
      });
    },
  },
  {
    promise: 'update_event corrects how a job ended',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      const steps = ['say_hello', 'random_number', 'say_bye'];
      let last = { id: 0 };
      for (const step of steps) last = await say(ask, words, providerId, words.done, step);
      const update = async (kind: string) => {
        await ask('POST', '/update_event', { kind, id: last.id, event_metadata: {} });
        return (await jobOf(ask, words, id)).status;
      };
      expect(await update('Error')).toBe('failed');
      expect(await update('Complete')).toBe('succeeded');
      expect(await update('In progress')).toBe('running');
      expect(await stepsOf(ask, words, id)).toEqual(['Complete', 'Complete', 'In progress']);
      expect(await update('Complete')).toBe('succeeded');
    },
  },
  {
    promise: 'an unknown step is stored as an event, changes no progress, and the answer says so',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      await say(ask, words, providerId, words.done, 'say_hello');
      const before = await jobOf(ask, words, id);
      const event = await say(ask, words, providerId, words.done, 'say_nothing', { a: 1 });
      expect(event).toMatchObject({
        id: expect.any(Number),
        kind: words.done,
        name: 'say_nothing',
        applied: false,
        detail: expect.stringMatching(/stored.*no step say_nothing/),
      });
      const after = await jobOf(ask, words, id);
      expect([after.steps, after.progress, after.status]).toEqual([
        before.steps,
        before.progress,
        before.status,
      ]);
      expect(after.events.at(-1)).toMatchObject({
        id: event.id,
        name: 'say_nothing',
        event_metadata: { a: 1 },
        applied: false,
      });
      const update = await ask('POST', '/update_event', {
        kind: 'Complete',
        id: event.id,
        event_metadata: {},
      });
      expect(update).toMatchObject({ status: 200, body: { id: event.id, applied: false } });
    },
  },
  {
    promise: 'a job without steps takes events, and fails by an error',
    async prove(ask, words) {
      const providerId = unused('job');
      const { body } = await ask('POST', words.path, {
        [words.id]: providerId,
        [words.customer]: 1,
        tag: 'nothing',
      });
      expect(await say(ask, words, providerId, words.done, 'anything')).toMatchObject({ applied: false });
      expect(await jobOf(ask, words, body.id)).toMatchObject({ steps: [], progress: 0, status: 'running' });
      await say(ask, words, providerId, 'Error', 'anything', { Message: 'out of disk' });
      expect(await jobOf(ask, words, body.id)).toMatchObject({ status: 'failed', error: 'out of disk' });
    },
  },
  {
    promise: 'both families see the same job in their words',
    async prove(ask, words) {
      const { id, providerId } = await newJob(ask, words);
      const job = (await ask('GET', `/jobs/${id}`)).body;
      const study = (await ask('GET', `/studies/${id}`)).body;
      expect(job).toMatchObject({ id, provider_job_id: providerId, customer_id: 142 });
      expect(study).toMatchObject({ id, provider_study_id: providerId, hospital_id: 142 });
      expect(job.provider_job_name).toBe(study.provider_study_name);
      expect((await ask('GET', `/studies?provider_study_id=${providerId}`)).body).toEqual([study]);
      const event = { kind: 'In progress', tag: 'say_hello', event_metadata: null };
      expect((await ask('POST', '/events', { ...event, provider_study_id: providerId })).body).toMatchObject({
        provider_study_id: providerId,
      });
      expect((await ask('POST', '/events', { ...event, provider_job_id: providerId })).body).toMatchObject({
        provider_job_id: providerId,
      });
    },
  },
  {
    promise: 'the list has every job, in ascending order, with steps and events',
    async prove(ask, words) {
      const made = [await newJob(ask, words), await newJob(ask, words)];
      await say(ask, words, made[1]?.providerId as string, words.done, 'say_hello');
      const { body } = await ask('GET', words.path);
      const ids = body.map((job: { id: number }) => job.id) as number[];
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(body.at(-1)).toEqual(await jobOf(ask, words, made[1]?.id as number));
      expect(body.at(-1).events).toHaveLength(1);
      expect(body.at(-2).id).toBe(made[0]?.id);
    },
  },
  {
    promise: 'fields that are not known are left alone',
    async prove(ask, words) {
      const tag = await registered(ask, { $schema: 'x', extra: { a: 1 } });
      const body = { [words.id]: unused('job'), [words.customer]: 1, tag, extra: true };
      expect((await ask('POST', words.path, body)).status).toBe(200);
      expect((await ask('GET', `${words.path}?limit=5&x=y`)).status).toBe(200);
    },
  },
];
