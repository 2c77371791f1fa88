import type { Listing, Seen, Unread } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { recordOf } from './accounting.ts';

/**
 * Reads lines of reporting(5) with `joblog=true`: the stream that also says who asked for a job's deletion, which the
 * accounting does not. `deleted` remembers those, from one piece of the file to the next.
 */
export function parseReporting(text: string, deleted: Set<string>, time: TimeContext): Listing {
  const seen: Seen[] = [];
  const unread: Unread[] = [];
  const fault = (line: string) =>
    unread.push({
      id: undefined,
      problem: { code: 'source.problem.unreadableRecord', detail: line.slice(0, 200) },
    });
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const [, kind, rest = ''] = /^\d{9,14}:([a-z_]+):(.*)$/.exec(line) ?? [];
    if (kind === 'acct') {
      const record = recordOf(rest, time, deleted.has(deletionKey(rest)));
      if (record === 'unread') fault(line);
      else if (record !== undefined) seen.push(record);
    } else if (kind === 'job_log') {
      const deletion = deletionOf(rest, time);
      if (deletion === 'unread') fault(line);
      else if (deletion !== undefined) {
        deleted.add(`${deletion.id}@${(deletion.submittedAt ?? 0) / 1_000}`);
        seen.push(deletion);
      }
    } else if (kind === undefined) fault(line);
  }
  return { seen, unread };
}

/** Of an accounting line, as {@link deletionOf} names its job. */
function deletionKey(line: string): string {
  const fields = line.split(':');
  const [number, submitted, task] = [fields[5], fields[8], fields[35]];
  const seconds = Number(submitted) >= 100_000_000_000 ? Number(submitted) / 1_000 : Number(submitted);
  return `${task === '0' ? number : `${number}.${task}`}@${seconds}`;
}

/** What the log says of them; when the scheduler has done with a job, it deletes it, too. */
const byPersons = new Set(['job deleted', 'job deleted by forced deletion request']);

/** Deletions that a person asked for: of a job that waits, it is the end; one that runs ends by its accounting line. */
function deletionOf(rest: string, time: TimeContext): Seen | undefined | 'unread' {
  const fields = rest.split(':');
  const [at, event, number = '', task = '', , state = ''] = fields;
  if (event !== 'deleted') return /^\d+$/.test(number) ? undefined : 'unread';
  if (!/^\d{1,9}$/.test(number) || !/^-?\d{1,9}$/.test(task)) return 'unread';
  if (!byPersons.has(fields.slice(17).join(':').trim())) return undefined;
  const isTask = Number(task) > 0;
  return {
    id: isTask ? `${number}.${task}` : number,
    // One that runs may still end by itself before the signal comes.
    status: /^[hqwRE]*$/.test(state) ? 'canceled' : undefined,
    word: 'deleted',
    deleting: true,
    submittedAt: schedulerTime(fields[10], time),
    endedAt: schedulerTime(at, time),
    name: fields[11],
    user: fields[12],
    ...(isTask && { metadata: { array: number, task: Number(task) } }),
  };
}
