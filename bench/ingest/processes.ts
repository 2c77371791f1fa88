import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Lets `work` have a new folder, which is removed afterwards. */
export async function inFolder<T>(place: string, work: (place: string) => Promise<T>): Promise<T> {
  mkdirSync(place);
  try {
    return await work(place);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** Runs a server of this folder, on files of another, while `work` talks to it. */
export async function withServer<T>(
  script: string,
  place: string,
  work: (base: string, pid: number) => Promise<T>,
): Promise<T> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  try {
    return await work(`http://127.0.0.1:${port}`, child.pid as number);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

/** Sends by a process of its own, as clients do; answers what it was told. */
export function curl(options: readonly string[]): string {
  return execFileSync('curl', ['-sS', '-f', '-H', 'expect:', ...options], { maxBuffer: 2 ** 24 }).toString();
}

/** Processor time of a process and its threads so far, seconds. */
export function processorSeconds(pid: number): number {
  const fields = statusFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The same of all processes that this one started and that have ended: of those who send. */
export function sendersSeconds(): number {
  const fields = statusFields(process.pid);
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** From the third field of proc(5), `stat`, on. */
function statusFields(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
}

/** Resident memory of a process alone, without its children: now, and the most since `forgetPeak`; MB. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * (1_024 / 1e6);
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** What it took while it started is nobody's question (proc(5), `clear_refs`). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/**
 * Has the machine give this folder's file system memory for so many bytes, and a quarter more. A virtual machine gets pages that
 * it has not used for some seconds from its host, at 300 MB/s: whoever is measured next would wait for that.
 */
export function touchMemory(place: string, bytes: number): void {
  const path = join(place, 'touched');
  const piece = Buffer.alloc(1024 * 1024);
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes * 1.25; written += piece.length) writeSync(file, piece);
  closeSync(file);
  rmSync(path);
}
