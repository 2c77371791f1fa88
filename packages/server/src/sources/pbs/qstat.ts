import { isEnded, type SourceSentence } from '@daybook/core';
import { defined, type Listing, type Seen, type Unread } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { statusOfPbs } from './states.ts';

/** What PBS tells of one job: names as they are written, values as text. */
export type PbsAttributes = ReadonlyMap<string, string>;

/**
 * Reads what `qstat -f` prints, JSON or text: which of the two a server writes, it decides itself.
 *
 * @throws TypeError if it is neither
 */
export function parseQstat(text: string, time: TimeContext): Listing {
  if (text.trim() === '') return { seen: [], unread: [] };
  return text.trimStart().startsWith('{') ? fromJson(text, time) : fromText(text, time);
}

function fromJson(text: string, time: TimeContext): Listing {
  const document = JSON.parse(mendJson(text)) as { Jobs?: unknown };
  const jobs = document.Jobs;
  if (jobs === undefined) return { seen: [], unread: [] };
  if (typeof jobs !== 'object' || jobs === null) throw new TypeError('Jobs is no object');
  return listingOf(
    Object.entries(jobs).map(([id, attributes]) => [id, flatten(attributes)] as const),
    time,
  );
}

/** Some versions write numbers that begin with zeros, and tabs and line breaks within texts, bare. */
function mendJson(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*"\s*:\s*)(0\d+|\d+(?:\.\d+)?[A-Za-z:][\w:.]*)(?=\s*[,}])/g, '$1"$2"')
    .replace(/[\u0000-\u001f]/g, ' ');
}

function flatten(value: unknown): PbsAttributes {
  const attributes = new Map<string, string>();
  if (typeof value !== 'object' || value === null) return attributes;
  for (const [name, each] of Object.entries(value)) {
    if (typeof each === 'string' || typeof each === 'number') attributes.set(name, String(each));
    else if (typeof each === 'object' && each !== null)
      for (const [inner, deep] of Object.entries(each))
        if (typeof deep === 'string' || typeof deep === 'number')
          attributes.set(`${name}.${inner}`, String(deep));
  }
  return attributes;
}

/** One that seems to go on was damaged on its way; of the others, what people wrote may have lines of its own. */
const short = new Set(['job_state', 'substate', 'exit_status', 'Exit_status']);

/** `Job Id: 17.server`, indented `name = value`, and long values that go on after a tab. */
function fromText(text: string, time: TimeContext): Listing {
  if (!/^Job Id: /m.test(text)) throw new TypeError('neither JSON nor the text of qstat -f');
  // An empty line ends each job: without it, the last one was cut off.
  if (!/\n[ \t]*\n$/.test(text)) throw new TypeError('the text of qstat -f is cut off');
  const jobs: [string, Map<string, string>][] = [];
  let last = '';
  for (const line of text.split('\n')) {
    const id = /^Job Id: ?(\S+)/.exec(line)?.[1];
    const [, name, value] = /^ {4}([\w.-]+) = (.*)$/.exec(line) ?? [];
    const attributes = jobs.at(-1)?.[1];
    if (id !== undefined) jobs.push([id, new Map()]);
    else if (name !== undefined) attributes?.set((last = name), value ?? '');
    else if (/^\t/.test(line) && last !== '')
      attributes?.set(last, `${attributes.get(last) ?? ''}${line.slice(1)}`);
    else if (short.has(last) && line.trim() !== '') attributes?.delete(last);
    if (id !== undefined) last = '';
  }
  return listingOf(jobs, time);
}

function listingOf(jobs: readonly (readonly [string, PbsAttributes])[], time: TimeContext): Listing {
  const seen: Seen[] = [];
  const unread: Unread[] = [];
  const first = new Map(jobs.toReversed().map(([name], i) => [name, jobs.length - 1 - i]));
  const doubled = new Set(jobs.flatMap(([name], i) => (first.get(name) === i ? [] : [name])));
  for (const [name, attributes] of jobs) {
    // One source is one server.
    const id = /^(\d+(?:\[\d*\])?)(?=\.)/.exec(name)?.[1];
    // Of two of one name, one may stand in what a user wrote into another job: neither is believed.
    if (id !== undefined && attributes.has('job_state') && !doubled.has(name))
      seen.push(seenOfJob(id, attributes, time));
    else
      unread.push({ id, problem: { code: 'source.problem.unreadableRecord', detail: name.slice(0, 200) } });
  }
  return { seen, unread };
}

function seenOfJob(id: string, job: PbsAttributes, time: TimeContext): Seen {
  const word = job.get('job_state') ?? '';
  const exit = job.get('Exit_status') ?? job.get('exit_status');
  const end = statusOfPbs(word, { exit, substate: job.get('substate') });
  const status = end?.status;
  const output = /^(?:[^/:]+:)?(\/.*)$/.exec(job.get('Output_Path') ?? '')?.[1];
  const directory = job.get('Variable_List.PBS_O_WORKDIR') ?? variable(job, 'PBS_O_WORKDIR');
  const code = exit !== undefined && /^\d{1,6}$/.test(exit) ? Number(exit) : 0;
  return {
    id,
    status,
    word,
    submittedAt: schedulerTime(job.get('ctime') ?? job.get('qtime'), time),
    startedAt: schedulerTime(job.get('stime') ?? job.get('start_time'), time),
    endedAt:
      status !== undefined && isEnded(status)
        ? schedulerTime(job.get('obittime') ?? job.get('comp_time') ?? job.get('mtime'), time)
        : undefined,
    name: job.get('Job_Name'),
    user: job.get('Job_Owner')?.split('@', 1)[0],
    submitDirectory: directory ?? job.get('jobdir'),
    logFile: output !== undefined && !output.includes('$') && !output.endsWith('/') ? output : undefined,
    error: end?.error,
    waiting: status === 'queued' ? waitingOf(word, job.get('comment')) : undefined,
    metadata: defined({
      account: job.get('Account_Name'),
      project: job.get('project') === '_pbs_project_default' ? undefined : job.get('project'),
      queue: job.get('queue'),
      exitCode: code !== 0 && code < 128 ? code : undefined,
    }) as Record<string, string | number>,
  };
}

function variable(job: PbsAttributes, name: string): string | undefined {
  const list = job.get('Variable_List') ?? '';
  return new RegExp(`(?:^|,)${name}=([^,]*)`).exec(list)?.[1];
}

/** The scheduler explains itself in the comment of the job. */
function waitingOf(word: string, comment: string | undefined): SourceSentence {
  const detail = comment?.trim().slice(0, 1_000);
  const withDetail = (code: string) => ({ code: `source.waiting.${code}`, ...(detail && { detail }) });
  if (word === 'H') return withDetail('held');
  if (word === 'W') return withDetail('beginTime');
  if (/insufficient amount|not enough|no available|resource/i.test(detail ?? ''))
    return withDetail('resources');
  if (/limit/i.test(detail ?? '')) return withDetail('limitTotal');
  if (/dedicated time|reservation/i.test(detail ?? '')) return withDetail('reservation');
  return detail ? withDetail('other') : { code: 'source.waiting.resources' };
}
