import { schedulerTime, type TimeContext } from '../scheduler/times.ts';

/** What a scheduler's log file tells of a job (contracts/caejobdiary.md, "Poll"): the output of `qstat -j`. */
export interface LogFacts {
  /** `job_number`. */
  readonly id: string;
  /** Milliseconds; what the name of the file says if the text does not. */
  readonly submittedAt: number | undefined;
  readonly name: string | undefined;
  readonly owner: string | undefined;
  /** As the bytes are: paths need not be UTF-8. */
  readonly directory: Buffer | undefined;
  readonly mail: string | undefined;
}

/** `2010-07-01__12:34:56-1234567.log` */
export const defaultLogPattern = '\\d{4}-\\d{2}-\\d{2}__\\d{2}:\\d{2}:\\d{2}-\\d+\\.log';

const utf8 = new TextDecoder('utf-8');

/** Reads `key: value` lines; undefined without a `job_number` that is a whole number: then it is no such file, or not yet. */
export function parseLogFile(bytes: Buffer, file: string, time: TimeContext): LogFacts | undefined {
  const fields = new Map<string, string>();
  // Byte by byte at first: a path has to be opened as it was written, whatever its encoding.
  for (const line of bytes.toString('latin1').split('\n')) {
    const [, key, value = ''] = /^([a-z_]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && !fields.has(key)) fields.set(key, value);
  }
  const id = fields.get('job_number') ?? '';
  if (!/^\d{1,18}$/.test(id)) return undefined;
  const directory = fields.get('sge_o_workdir');
  return {
    id,
    submittedAt: schedulerTime(fields.get('submission_time'), time) ?? schedulerTime(file.slice(0, 20), time),
    name: textOf(fields.get('job_name')),
    owner: textOf(fields.get('owner')),
    directory: directory?.startsWith('/')
      ? Buffer.from(directory.replace(/(?!^)\/+$/, ''), 'latin1')
      : undefined,
    mail: textOf(fields.get('mail_list')),
  };
}

/** UTF-8 with bad bytes ignored. */
function textOf(latin1: string | undefined): string | undefined {
  if (latin1 === undefined) return undefined;
  const text = utf8.decode(Buffer.from(latin1, 'latin1')).replaceAll('\ufffd', '').trim();
  return text === '' ? undefined : text;
}

/** `Alice.Doe@example.com` gives `Alice Doe`; undefined for addresses of another form. */
export function personOf(mail: string | undefined): string | undefined {
  const [, first = '', last = ''] = /^([\p{L}-]+)\.([\p{L}-]+)@/u.exec(mail ?? '') ?? [];
  const capital = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1);
  return first === '' ? undefined : `${capital(first)} ${capital(last)}`;
}
