import { readFileSync } from 'node:fs';

/** Ticks per second of `/proc/PID/stat`: fixed by the kernel's interface. */
const TICKS = 100;

/** Processor time that a process has used so far, with its children, milliseconds. */
export function processorTime(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return timesOf(pid, 4) + children.reduce((sum, child) => sum + timesOf(Number(child), 2), 0);
}

/** user, system, and those of the children that have ended: the first `count` of them. */
function timesOf(pid: number, count: number): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return 0; // it ended just now
  }
  // After the name, which may contain anything, the state is the third field, user time the fourteenth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 11 + count).reduce((sum, field) => sum + Number(field), 0);
  return (ticks * 1_000) / TICKS;
}
