import { setTimeout } from 'node:timers/promises';

/*
 * An executor as there are in the wild: it knows the microdata job service and nothing of Daybook. It polls, takes a job,
 * reports each stage, and when it is started again after a crash sets right what it left behind.
 */

const url = process.env.JOB_SERVICE_URL ?? 'http://127.0.0.1:8080';
const key = process.env.DAYBOOK_API_KEY; // not needed from a trusted network
const poll = Number(process.env.POLL_MS ?? 5_000);
const work = Number(process.env.STAGE_MS ?? 1_000);
const once = process.argv.includes('--once');

const building = [
  'validating',
  'decrypting',
  'transforming',
  'pseudonymizing',
  'enriching',
  'converting',
  'partitioning',
];
/** Operations that build something first; the others go straight to the import. */
const builds = ['ADD', 'CHANGE', 'PATCH_METADATA'];

interface Job {
  readonly jobId: string;
  readonly status: string;
  readonly parameters: { readonly operation: string; readonly target: string };
}

async function ask<T>(method: string, path: string, body?: object): Promise<{ status: number; answer: T }> {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, answer: (await response.json()) as T };
}

/** Any answer but 200 ends us: something is wrong that we cannot mend. */
async function report(job: Job, status: string, log?: string): Promise<void> {
  const body = { status, ...(log !== undefined && { log }) };
  const { status: code, answer } = await ask<{ message: string }>('PUT', `/jobs/${job.jobId}`, body);
  if (code !== 200) throw new Error(`${status} of job ${job.jobId}: ${code} ${answer.message}`);
}

/** What a crash left behind: an import that was broken off is imported again, all else begins anew. */
async function recover(): Promise<void> {
  const { answer: jobs } = await ask<Job[]>('GET', '/jobs?ignoreCompleted=true');
  for (const job of jobs) {
    if (job.status === 'queued' || job.status === 'built') continue;
    const back = job.status === 'importing' && builds.includes(job.parameters.operation) ? 'built' : 'queued';
    console.log(`${job.parameters.target}: was ${job.status}, back to ${back}`);
    await report(job, back, 'Retrying due to an unexpected interruption');
  }
}

/** True if the job is ours now; another executor may have been faster. */
async function take(job: Job): Promise<boolean> {
  const { status } = await ask('PUT', `/jobs/${job.jobId}`, { status: 'initiated' });
  return status === 200;
}

async function build(job: Job): Promise<void> {
  for (const stage of building) {
    await report(job, stage);
    await setTimeout(work); // real work takes its time
  }
  await report(job, 'built');
}

async function importDataset(job: Job): Promise<void> {
  await report(job, 'importing');
  await setTimeout(work);
  await report(job, 'completed', `${job.parameters.operation} of ${job.parameters.target} is done`);
  console.log(`${job.parameters.target}: completed`);
}

/** One round. Answers how many jobs it has brought to their end. */
async function round(): Promise<number> {
  const { answer: maintenance } = await ask<{ paused: boolean }>('GET', '/maintenance-status');
  if (maintenance.paused) return 0;
  const { answer: built } = await ask<Job[]>('GET', '/jobs?status=built');
  for (const job of built) await importDataset(job);
  const { answer: queued } = await ask<Job[]>('GET', '/jobs?status=queued');
  let done = built.length;
  for (const job of queued) {
    if (!(await take(job))) continue;
    if (builds.includes(job.parameters.operation)) await build(job);
    await importDataset(job);
    done += 1;
  }
  return done;
}

await recover();
for (;;) {
  const done = await round();
  if (done > 0) continue;
  if (once) break;
  await setTimeout(poll);
}
