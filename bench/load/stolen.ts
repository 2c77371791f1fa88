import { readFileSync } from 'node:fs';

/**
 * Notes the moment; what it returns tells the share (0–1) of this machine's processor time since then that its host gave to
 * other machines: "steal" of `/proc/stat`. What was timed meanwhile tells little of the software if it is more than a trifle.
 */
export function stolenSince(): () => number {
  const before = processorTimes();
  return () => {
    const now = processorTimes();
    const all = now.all - before.all;
    return all === 0 ? 0 : (now.stolen - before.stolen) / all;
  };
}

function processorTimes(): { all: number; stolen: number } {
  // cpu user nice system idle iowait irq softirq steal guest…: guests are in user already.
  const times = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/).slice(1, 9).map(Number);
  return { all: times?.reduce((sum, time) => sum + time, 0) ?? 0, stolen: times?.[7] ?? 0 };
}
