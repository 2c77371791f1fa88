import type { SourceSentence } from '@daybook/core';
import { defined } from '../scheduler/seen.ts';
import { schedulerTime, type TimeContext } from '../scheduler/times.ts';
import { sgeReason } from './messages.ts';
import { allNamed, readXml, textAt, type XmlNode } from './xml.ts';

/** What only `qstat -j` tells of a job. */
export interface SgeDetail {
  readonly submittedAt?: number;
  readonly name?: string;
  readonly user?: string;
  readonly submitDirectory?: string;
  readonly logFile?: string;
  readonly waiting?: SourceSentence;
}

/**
 * Reads `qstat -xml -j 3,7,9`, by job number. Jobs that are gone by now are not in it; if all are, it is
 * `<unknown_jobs>`, with exit code 0.
 *
 * @throws XmlError
 */
export function parseQstatDetail(text: string, time: TimeContext): Map<string, SgeDetail> {
  const jobs: XmlNode[] = [];
  const messages: { number: string | undefined; text: string }[] = [];
  readXml(text, 'djob_info', ({ children }) => {
    jobs.push(...children.filter(({ name }) => name === 'element'));
  });
  readXml(text, 'messages', (node) => {
    for (const message of allNamed(node, 'element'))
      for (const said of messagesOf(message)) messages.push(said);
  });
  return new Map(
    jobs.flatMap((job) => {
      const number = textAt(job, 'JB_job_number');
      if (number === undefined) return [];
      const own = messages.filter((message) => message.number === number).map((message) => message.text);
      const all = messages.filter((message) => message.number === undefined).map((message) => message.text);
      return [[number, detailOf(job, sgeReason(own) ?? sgeReason(all), time)] as const];
    }),
  );
}

function detailOf(job: XmlNode, waiting: SourceSentence | undefined, time: TimeContext): SgeDetail {
  const directory = environmentOf(job, '__SGE_PREFIX__O_WORKDIR') ?? textAt(job, 'JB_cwd');
  const output = textAt(job, 'JB_stdout_path_list', 'path_list', 'PN_path');
  return defined({
    submittedAt: schedulerTime(textAt(job, 'JB_submission_time'), time),
    name: textAt(job, 'JB_job_name'),
    user: textAt(job, 'JB_owner'),
    submitDirectory: directory,
    // A directory, or a name with $JOB_ID in it, is no path of a log.
    logFile: output?.startsWith('/') && !output.includes('$') && output !== '/dev/null' ? output : undefined,
    waiting,
  });
}

function environmentOf(job: XmlNode, name: string): string | undefined {
  const found = allNamed(job, 'job_sublist').find((entry) => textAt(entry, 'VA_variable') === name);
  return found && textAt(found, 'VA_value');
}

/** A message is about all jobs, or about those that it lists. */
function messagesOf(element: XmlNode): { number: string | undefined; text: string }[] {
  const text = textAt(element, 'MES_message');
  if (text === undefined) return [];
  const list = element.children.find(({ name }) => name === 'MES_job_number_list');
  if (list === undefined) return [{ number: undefined, text }];
  return allNamed(list, 'ULNG_value').map(({ text: number }) => ({ number: number.trim(), text }));
}
