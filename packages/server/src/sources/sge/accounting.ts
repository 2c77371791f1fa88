import type { Listing, Seen, Unread } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { sgeFacts } from './qstat-list.ts';
import { endOfSge } from './states.ts';

/** A job, or a task of one, as the accounting or the reporting file tells of it. */
export interface SgeRecord extends Seen {
  /** Of accounting(5); undefined for what only the job log tells. */
  readonly failed?: number;
}

/** Up to `ar_submission_time`; Univa and others write more. */
const LEAST_FIELDS = 43;

/**
 * Reads lines of accounting(5). Those of the slave tasks of a parallel job are not its end, nor is one without an end
 * time (the job is in an error state, and may run yet) or of a job that is rescheduled: such lines are left out.
 */
export function parseAccounting(text: string, time: TimeContext): Listing {
  const seen: Seen[] = [];
  const unread: Unread[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const record = recordOf(line, time, false);
    if (record === 'unread')
      unread.push({
        id: undefined,
        problem: { code: 'source.problem.unreadableRecord', detail: line.slice(0, 200) },
      });
    else if (record !== undefined) seen.push(record);
  }
  return { seen, unread };
}

/** One line; undefined if it is no end of a job. `deleted`: somebody asked for the job's deletion. */
export function recordOf(line: string, time: TimeContext, deleted: boolean): Seen | undefined | 'unread' {
  const fields = line.split(':');
  const [queue, host, , user, name, number = '', , , submitted, started, ended, failed = '', exit = ''] =
    fields;
  const [project, , , slots, task = ''] = fields.slice(31);
  const peTask = fields[41] ?? 'NONE';
  if (
    fields.length < LEAST_FIELDS ||
    !areNumbers(number, failed, exit, slots, task, submitted, started, ended)
  )
    return 'unread';
  if (peTask !== 'NONE') return undefined;
  const endedAt = schedulerTime(ended, time);
  const end = endOfSge({ failed: Number(failed), exitStatus: Number(exit), endedAt }, deleted);
  if (end === undefined) return undefined;
  const isTask = task !== '0';
  const code = Number(exit);
  return {
    id: isTask ? `${number}.${task}` : number,
    status: end.status,
    word: `failed=${failed} exit_status=${exit}`,
    submittedAt: schedulerTime(submitted, time),
    startedAt: schedulerTime(started, time),
    endedAt,
    name,
    user,
    error: end.error,
    metadata: {
      ...sgeFacts({
        project,
        queue,
        host,
        slots,
        ...(code !== 0 && end.signal === undefined && { exitCode: code }),
        ...(end.signal !== undefined && { signal: end.signal }),
      }),
      ...(isTask && { array: number, task: Number(task) }),
    },
  };
}

/** Univa's times are in milliseconds. */
function areNumbers(...fields: (string | undefined)[]): boolean {
  return fields.every((field) => /^\d{1,16}$/.test(field ?? ''));
}
