import { defined, type Listing, type Seen, type Unread } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { stateOfSge } from './states.ts';
import { readXml, textAt, type XmlNode } from './xml.ts';

/** All jobs of all users; tasks that wait come as one entry with their range. */
export const listArguments = ['-xml', '-u', '*'];

/** Tasks of one entry that become jobs of their own while they wait; further ones do when they run. */
const MOST_TASKS = 1_000;

/**
 * Reads `qstat -xml -u '*'`. Running jobs come without the time of their submission: `qstat -j` tells it.
 *
 * @throws XmlError
 */
export function parseQstatList(text: string, time: TimeContext): Listing {
  const seen: Seen[] = [];
  const unread: Unread[] = [];
  const { root } = readXml(text, 'job_list', (entry) => {
    const number = textAt(entry, 'JB_job_number');
    if (number === undefined || !/^\d+$/.test(number))
      unread.push({
        id: undefined,
        problem: { code: 'source.problem.unreadableRecord', detail: 'job_list' },
      });
    else seen.push(...jobsOf(entry, number, time));
  });
  // Anything else that is well-formed is another program's output: an empty list it is not.
  if (root !== 'job_info') throw new TypeError(`expected job_info, not ${root}`);
  return { seen, unread };
}

function jobsOf(entry: XmlNode, number: string, time: TimeContext): Seen[] {
  const word = textAt(entry, 'state') ?? '';
  const { status, deleting, waiting } = stateOfSge(word);
  const common = {
    status,
    word,
    submittedAt: schedulerTime(textAt(entry, 'JB_submission_time'), time),
    startedAt: status === 'running' ? schedulerTime(textAt(entry, 'JAT_start_time'), time) : undefined,
    name: textAt(entry, 'full_job_name') ?? textAt(entry, 'JB_name'),
    user: textAt(entry, 'JB_owner'),
    deleting,
    waiting,
    metadata: sgeFacts({
      project: textAt(entry, 'JB_project'),
      queue: textAt(entry, 'queue_name')?.split('@')[0],
      host: textAt(entry, 'queue_name')?.split('@')[1],
      slots: textAt(entry, 'slots'),
    }),
  };
  const tasks = textAt(entry, 'tasks');
  if (tasks === undefined) return [{ ...common, id: number }];
  return tasksOf(tasks).map((task) => ({
    ...common,
    id: `${number}.${task}`,
    metadata: { ...common.metadata, array: number, task },
  }));
}

/** `2`, `1-3:1`, `4,6-10:2`: at most {@link MOST_TASKS} of them. */
export function tasksOf(text: string): number[] {
  const tasks: number[] = [];
  for (const part of text.split(',')) {
    const [, from, to, step] = /^(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?$/.exec(part.trim()) ?? [];
    if (from === undefined) continue;
    const width = Math.max(1, Number(step ?? 1));
    for (let task = Number(from); task <= Number(to ?? from); task += width) {
      if (tasks.length >= MOST_TASKS) return tasks;
      tasks.push(task);
    }
  }
  return tasks;
}

/** The same names from every command and file. */
export function sgeFacts(facts: {
  project?: string | undefined;
  queue?: string | undefined;
  host?: string | undefined;
  slots?: string | undefined;
  exitCode?: number | undefined;
  signal?: number | undefined;
}): Record<string, string | number> {
  const { project, queue, host, slots, exitCode, signal } = facts;
  return defined({
    project: project === 'NONE' || project === '' ? undefined : project,
    queue: queue === 'UNKNOWN' || queue === '' ? undefined : queue,
    host: host === 'UNKNOWN' || host === '' ? undefined : host,
    slots: slots !== undefined && /^\d{1,9}$/.test(slots) ? Number(slots) : undefined,
    exitCode,
    signal,
  }) as Record<string, string | number>;
}
