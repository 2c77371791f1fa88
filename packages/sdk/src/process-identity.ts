import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process this is, so that others can tell whether it still runs. */
export interface ProcessIdentity {
  readonly host: string;
  /** Process numbers mean something only within their namespace: containers may share the host's name. */
  readonly space: string;
  readonly pid: number;
  /** Boot of the machine and start of the process in it: a number that was given to a newer process is not its first owner. */
  readonly born: string;
}

export function ourselves(): ProcessIdentity {
  known ??= { host: hostname(), space: processSpace(), pid: process.pid, born: birthOf(process.pid) };
  return known;
}

let known: ProcessIdentity | undefined;

/** True if a process of our own machine and process space does not run any more. */
export function isGone({ pid, born }: Pick<ProcessIdentity, 'pid' | 'born'>): boolean {
  if (!isRunning(pid)) return true;
  // Also true for a process that was killed and whose parent has not asked for its end yet.
  return born !== '' && birthOf(pid) !== born;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Linux only; elsewhere '' and a number alone has to do. */
function birthOf(pid: number): string {
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim();
  // The name in parentheses may itself hold parentheses and blanks. State is the first field after it, start the 20th.
  const fields = read(`/proc/${pid}/stat`)?.replace(/^.*\)/s, '').trim().split(' ');
  if (boot === undefined || fields?.[19] === undefined || fields[0] === 'Z') return '';
  return `${boot}:${fields[19]}`;
}

function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
