import { isEnded } from '@daybook/core';
import type { Listing, Seen } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { slurmFacts, told } from './squeue.ts';
import { exitOf, slurmError, statusOfSlurm } from './states.ts';

/**
 * A record of `JobCompType=jobcomp/filetxt`. Names are written as users gave them, spaces and line breaks too, so the
 * whole record has to fit: the columns before and after the name stand in an order that is always the same. Users and
 * groups of a directory service may have spaces, too (`domain users`), and parentheses in the names of groups.
 */
const RECORD =
  /^JobId=(\d+) UserId=([^()\n]*)\(\d+\) GroupId=[^\n]*?\(\d+\) Name=([\s\S]*) JobState=([A-Z_]+) Partition=(\S*) TimeLimit=\S* StartTime=(\S+) EndTime=(\S+) NodeList=\S* NodeCnt=(\d+) ProcCnt=(\d+) WorkDir=([\s\S]*) ReservationName=[^\n]* Account=(\S*) QOS=\S* WcKey=\S* Cluster=\S* SubmitTime=(\S+) EligibleTime=\S+(?: ArrayJobId=(\d+) ArrayTaskId=(\d+))?[^\n]* ExitCode=(\d+:\d+)\s*$/;

/** Records that are whole; a requeued job has one of its own, which says PENDING. */
export function parseJobcomp(text: string, time: TimeContext): Listing {
  const seen: Seen[] = [];
  const unread: Listing['unread'][number][] = [];
  for (const record of text.split(/\n(?=JobId=\d+ UserId=)/)) {
    if (record.trim() === '') continue;
    const found = isOne(record) ? RECORD.exec(record) : null;
    if (found) seen.push(seenOfRecord(found, time));
    else
      unread.push({
        id: /^JobId=(\d+) /.exec(record)?.[1],
        problem: { code: 'source.problem.unreadableRecord', detail: record.trim().slice(0, 200) },
      });
  }
  return { seen, unread };
}

/** Two in one: the beginning of the second is broken, or somebody wrote a record of another job into a name. */
function isOne(record: string): boolean {
  return record.split(' SubmitTime=').length === 2;
}

function seenOfRecord(found: RegExpExecArray, time: TimeContext): Seen {
  const [, id = '', user, name, word = '', partition, start, end, nodes, cpus, directory, account, submit] =
    found;
  const [array, task, exit] = found.slice(13);
  const status = statusOfSlurm(word);
  const { code, signal } = exitOf(exit);
  return {
    id,
    status,
    word,
    submittedAt: schedulerTime(submit, time),
    startedAt: schedulerTime(start, time),
    endedAt: status !== undefined && isEnded(status) ? schedulerTime(end, time) : undefined,
    name: told(name),
    user: told(user),
    submitDirectory: told(directory),
    error: slurmError(word, exit),
    metadata: slurmFacts({ account, partition, nodes, cpus, array, task, exitCode: code, signal }),
  };
}
