import { expect } from 'vitest';
import { type Ask, bump, newJob, report, someTarget } from './old-client.ts';

/** What a client of the old service was promised (its contract, row by row), and the proof. */
export interface Promised {
  readonly promise: string;
  prove(ask: Ask): Promise<void>;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/;
const stages = [
  'validating',
  'decrypting',
  'transforming',
  'pseudonymizing',
  'enriching',
  'converting',
  'partitioning',
  'built',
  'importing',
];

const jobOf = async (ask: Ask, jobId: string) => (await ask('GET', `/jobs/${jobId}`)).body;
const statusOf = async (ask: Ask, jobId: string) => (await jobOf(ask, jobId)).status;
const idsOf = async (ask: Ask, query: string) =>
  (await ask('GET', `/jobs${query}`)).body.map((job: { jobId: string }) => job.jobId) as string[];
const logOf = async (ask: Ask, jobId: string) =>
  (await jobOf(ask, jobId)).log.map((line: { message: string }) => line.message) as string[];

export const promises: readonly Promised[] = [
  {
    promise: 'a job has these fields and no others, and times with microseconds and no zone',
    async prove(ask) {
      const target = someTarget();
      const jobId = await newJob(ask, target);
      const job = await jobOf(ask, jobId);
      expect(job).toEqual({
        jobId,
        status: 'queued',
        parameters: { operation: 'ADD', target },
        log: [{ at: expect.stringMatching(TIME), message: expect.any(String) }],
        createdAt: expect.stringMatching(TIME),
        createdBy: {
          userId: expect.any(String),
          firstName: expect.any(String),
          lastName: expect.any(String),
        },
      });
    },
  },
  {
    promise: 'parameters that were given come back, null and absent ones do not',
    async prove(ask) {
      const given = { description: 'why', releaseStatus: 'DRAFT' };
      const target = someTarget();
      const jobId = await newJob(ask, target, { ...given, bumpManifesto: null });
      expect((await jobOf(ask, jobId)).parameters).toEqual({ operation: 'ADD', target, ...given });
    },
  },
  {
    promise: 'GET /jobs is one array in ascending order, not of text but of numbers',
    async prove(ask) {
      for (let i = 0; i < 12; i++) await newJob(ask, someTarget());
      const ids = (await idsOf(ask, '')).map(Number);
      expect(ids.length).toBeGreaterThan(11);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
    },
  },
  {
    promise: 'GET /jobs narrows by status and operation, written in every way',
    async prove(ask) {
      const [add, change, remove] = [
        await newJob(ask, someTarget()),
        await newJob(ask, someTarget(), { operation: 'CHANGE' }),
        await newJob(ask, someTarget(), { operation: 'REMOVE', description: 'wrong' }),
      ];
      await report(ask, change, 'initiated', 'validating');
      const among = async (query: string) =>
        (await idsOf(ask, query)).filter((id) => [add, change, remove].includes(id));
      expect(await among('?status=queued')).toEqual([add, remove]);
      expect(await among('?status=validating')).toEqual([change]);
      expect(await among('?status=initiated')).toEqual([]);
      for (const query of [
        '?operation=ADD,CHANGE',
        '?operation=ADD&operation=CHANGE',
        '?operation[]=ADD&operation[]=CHANGE',
        '?operation%5B%5D=ADD,CHANGE',
        '?operation=ADD&operation[]=CHANGE',
      ])
        expect([query, await among(query)]).toEqual([query, [add, change]]);
      expect(await among('?status=queued&operation=ADD,CHANGE')).toEqual([add]);
    },
  },
  {
    promise: 'ignoreCompleted leaves out what is completed or failed',
    async prove(ask) {
      const [open, completed, failed] = [
        await newJob(ask, someTarget()),
        await newJob(ask, someTarget()),
        await newJob(ask, someTarget()),
      ];
      await report(ask, completed, 'completed');
      await report(ask, failed, 'failed');
      const among = async (query: string) =>
        (await idsOf(ask, query)).filter((id) => [open, completed, failed].includes(id));
      for (const yes of ['true', 'True']) expect(await among(`?ignoreCompleted=${yes}`)).toEqual([open]);
      for (const no of ['false', 'False'])
        expect(await among(`?ignoreCompleted=${no}`)).toEqual([open, completed, failed]);
      expect(await among('?status=completed')).toEqual([completed]);
      expect(await among('?status=failed')).toEqual([failed]);
    },
  },
  {
    promise: 'paths work with and without a trailing slash',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      expect((await ask('GET', `/jobs/${jobId}/`)).body.jobId).toBe(jobId);
      expect((await ask('GET', '/jobs/')).status).toBe(200);
    },
  },
  {
    promise: 'one active job per target: the second is FAILED, and the same answer within one body',
    async prove(ask) {
      const target = someTarget();
      const item = { operation: 'ADD', target };
      const { body } = await ask('POST', '/jobs', { jobs: [item, item] });
      expect(body).toEqual([
        { job_id: expect.stringMatching(/^\d+$/), status: 'CREATED', msg: 'OK' },
        { status: 'FAILED', msg: expect.stringMatching(/already in progress/) },
      ]);
      await report(ask, body[0].job_id, 'initiated', 'importing');
      expect((await ask('POST', '/jobs', { jobs: [item] })).body[0].status).toBe('FAILED');
      await report(ask, body[0].job_id, 'completed');
      expect((await ask('POST', '/jobs', { jobs: [item] })).body[0].status).toBe('CREATED');
    },
  },
  {
    promise: 'a body of no jobs at all makes none',
    async prove(ask) {
      expect(await ask('POST', '/jobs', { jobs: [] })).toMatchObject({ status: 200, body: [] });
    },
  },
  {
    promise: 'PUT says a message, and each change adds its line to the log',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      const put = async (body: object) => {
        const answer = await ask('PUT', `/jobs/${jobId}`, body);
        expect(answer).toMatchObject({ status: 200, body: { message: expect.any(String) } });
      };
      await put({ status: 'initiated' });
      await put({ status: 'validating', log: 'looks good' });
      await put({ description: 'for the record' });
      await put({ log: 'a word' });
      await put({ status: 'transforming', description: 'twice', log: 'and more' });
      await put({ status: 'failed', log: 'out of disk\u0000 space' });
      expect((await logOf(ask, jobId)).slice(1)).toEqual([
        'Set status: initiated',
        'Set status: validating',
        'looks good',
        'Added update description',
        'a word',
        'Set status: transforming',
        'Added update description',
        'and more',
        'Set status: failed',
        'out of disk\ufffd space',
      ]);
      expect(await jobOf(ask, jobId)).toMatchObject({
        status: 'failed',
        parameters: { description: 'twice' },
      });
    },
  },
  {
    promise: 'null beside what is said counts as not said',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      const body = { status: 'initiated', description: null, log: null };
      expect((await ask('PUT', `/jobs/${jobId}`, body)).status).toBe(200);
      expect((await jobOf(ask, jobId)).parameters).not.toHaveProperty('description');
    },
  },
  {
    promise: 'a log of any length is taken',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      const log = 'ø'.repeat(100_000);
      expect((await ask('PUT', `/jobs/${jobId}`, { status: 'failed', log })).status).toBe(200);
      expect((await logOf(ask, jobId)).slice(2).join('')).toBe(log);
    },
  },
  {
    promise: 'initiated is refused when the job is taken, whatever stage it is in',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      await report(ask, jobId, 'initiated');
      const again = () => ask('PUT', `/jobs/${jobId}`, { status: 'initiated' });
      expect(await again()).toMatchObject({ status: 400, body: { message: expect.stringMatching(/taken/) } });
      await report(ask, jobId, 'importing');
      expect((await again()).status).toBe(400);
    },
  },
  {
    promise: 'stages come in any order and may repeat, each shown as it was said last',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      const said = [
        'initiated',
        'decrypting',
        'validating',
        'validating',
        'decrypting',
        'built',
        'transforming',
        'importing',
        'built',
        'importing',
      ];
      for (const status of said) {
        await report(ask, jobId, status);
        expect(await statusOf(ask, jobId)).toBe(status);
      }
      await report(ask, jobId, 'completed');
      expect((await logOf(ask, jobId)).slice(1)).toEqual(
        [...said, 'completed'].map((each) => `Set status: ${each}`),
      );
    },
  },
  {
    promise: 'every stage may come first, straight from queued',
    async prove(ask) {
      for (const stage of stages) {
        const jobId = await newJob(ask, someTarget());
        await report(ask, jobId, stage);
        expect(await statusOf(ask, jobId)).toBe(stage);
        await report(ask, jobId, 'completed');
      }
    },
  },
  {
    promise: 'a crashed executor sets its jobs back to queued or built, or to failed, from every stage',
    async prove(ask) {
      for (const stage of ['initiated', ...stages])
        for (const back of ['queued', 'built', 'failed']) {
          const jobId = await newJob(ask, someTarget());
          await report(ask, jobId, 'initiated', stage === 'initiated' ? 'validating' : stage, back);
          expect([stage, await statusOf(ask, jobId)]).toEqual([stage, back]);
          if (back === 'failed') continue;
          await report(ask, jobId, ...(back === 'queued' ? ['initiated'] : []), 'importing', 'completed');
          expect(await statusOf(ask, jobId)).toBe('completed');
        }
    },
  },
  {
    promise: 'a job set back to queued can be taken again, by one; its log tells all of it',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      await report(ask, jobId, 'initiated', 'validating', 'built', 'queued', 'queued');
      await report(ask, jobId, 'initiated', 'validating', 'transforming');
      expect((await ask('PUT', `/jobs/${jobId}`, { status: 'initiated' })).status).toBe(400);
      expect(await statusOf(ask, jobId)).toBe('transforming');
      const said = [
        'initiated',
        'validating',
        'built',
        'queued',
        'queued',
        'initiated',
        'validating',
        'transforming',
      ];
      expect((await logOf(ask, jobId)).slice(1)).toEqual(said.map((each) => `Set status: ${each}`));
    },
  },
  {
    promise: 'queued jobs may be failed outright',
    async prove(ask) {
      const jobId = await newJob(ask, someTarget());
      await report(ask, jobId, 'failed');
      expect(await statusOf(ask, jobId)).toBe('failed');
    },
  },
  {
    promise: 'targets say what was done to them last, by whom and when',
    async prove(ask) {
      const [plain, released] = [someTarget(), someTarget()];
      const jobId = await newJob(ask, plain, { operation: 'CHANGE' });
      await report(ask, jobId, 'initiated', 'validating');
      await newJob(ask, released, { operation: 'SET_STATUS', releaseStatus: 'PENDING_RELEASE' });
      const one = (await ask('GET', `/targets/${plain}`)).body;
      expect(one).toEqual({
        name: plain,
        lastUpdatedAt: expect.stringMatching(TIME),
        status: 'validating',
        lastUpdatedBy: (await jobOf(ask, jobId)).createdBy,
        action: ['CHANGE'],
      });
      const all = (await ask('GET', '/targets')).body as { name: string; action: string[] }[];
      expect(all.find(({ name }) => name === plain)).toEqual(one);
      expect(all.find(({ name }) => name === released)?.action).toEqual(['SET_STATUS', 'PENDING_RELEASE']);
    },
  },
  {
    promise: 'a completed BUMP releases and removes what it names, and no draft; later jobs count again',
    async prove(ask) {
      const [draft, release, removal, unknown] = [someTarget(), someTarget(), someTarget(), someTarget()];
      const made: string[] = [];
      for (const target of [draft, release, removal]) made.push(await newJob(ask, target));
      for (const jobId of made) await report(ask, jobId, 'completed');
      const { body } = await ask('POST', '/jobs', {
        jobs: [
          bump(
            [draft, 'DRAFT'],
            [release, 'PENDING_RELEASE'],
            [removal, 'PENDING_DELETE'],
            [unknown, 'PENDING_RELEASE'],
          ),
        ],
      });
      const bumpId = body[0].job_id as string;
      const outline = async (name: string) => {
        const { status, action } = (await ask('GET', `/targets/${name}`)).body;
        return [status, ...(action ?? [])];
      };
      await report(ask, bumpId, 'initiated', 'importing');
      expect(await outline('DATASTORE')).toEqual(['importing', 'BUMP', '1.0.0', '1.1.0']);
      expect(await outline(release)).toEqual(['completed', 'ADD']);
      await report(ask, bumpId, 'completed');
      expect(await outline('DATASTORE')).toEqual(['completed', 'BUMP', '1.0.0', '1.1.0']);
      expect(await outline(draft)).toEqual(['completed', 'ADD']);
      expect(await outline(release)).toEqual(['completed', 'RELEASED', '1.1.0']);
      expect(await outline(removal)).toEqual(['completed', 'REMOVED', '1.1.0']);
      expect(await outline(unknown)).toEqual(['completed', 'RELEASED', '1.1.0']);
      await newJob(ask, release, { operation: 'CHANGE' });
      expect(await outline(release)).toEqual(['queued', 'CHANGE']);
      const jobs = (await ask('GET', `/targets/${removal}/jobs`)).body as { jobId: string }[];
      expect(jobs.map(({ jobId }) => jobId)).toEqual([made[2], bumpId]);
    },
  },
  {
    promise: 'the jobs of a target that nobody knows are none',
    async prove(ask) {
      expect(await ask('GET', '/targets/NEVER_HEARD_OF/jobs')).toMatchObject({ status: 200, body: [] });
    },
  },
  {
    promise: 'maintenance stops new work and nothing else, and its history has all of it, newest first',
    async prove(ask) {
      const [waiting, running] = [await newJob(ask, someTarget()), await newJob(ask, someTarget())];
      await report(ask, running, 'initiated');
      const paused = await ask('POST', '/maintenance-status', { msg: 'We need to upgrade', pause: 1 });
      const status = { msg: 'We need to upgrade', paused: true, timestamp: expect.stringMatching(TIME) };
      expect(paused).toMatchObject({ status: 200, body: status });
      try {
        expect((await ask('GET', '/maintenance-status')).body).toEqual(status);
        const refused = await ask('PUT', `/jobs/${waiting}`, { status: 'initiated' });
        expect(refused).toMatchObject({
          status: 400,
          body: { message: expect.stringMatching(/maintenance/) },
        });
        expect(await statusOf(ask, waiting)).toBe('queued');
        await report(ask, running, 'validating', 'completed');
        await newJob(ask, someTarget());
      } finally {
        await ask('POST', '/maintenance-status', { msg: 'Done', paused: false });
      }
      await report(ask, waiting, 'initiated');
      const history = (await ask('GET', '/maintenance-history')).body as {
        msg: string;
        paused: boolean;
        timestamp: string;
      }[];
      expect(history.slice(0, 2).map(({ msg, paused: was }) => [msg, was])).toEqual([
        ['Done', false],
        ['We need to upgrade', true],
      ]);
      expect((await ask('GET', '/maintenance-status')).body).toEqual(history[0]);
      const times = history.map(({ timestamp }) => timestamp);
      expect(times).toEqual([...times].sort().reverse());
    },
  },
  {
    promise: 'health needs nothing',
    async prove(ask) {
      for (const path of ['/health/alive', '/health/ready'])
        expect((await ask('GET', path, undefined, { 'x-api-key': '' })).status).toBe(200);
    },
  },
];
