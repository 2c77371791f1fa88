import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { type OutputTap, Passage } from './passage.ts';

/** How a command ended. `code` is what a shell would say: 128 + n for a signal, 126 and 127 for one that never began. */
export interface Ending {
  readonly code: number;
  readonly signal?: NodeJS.Signals;
  /** Why it could not be started. */
  readonly problem?: string;
  /** True if we passed on a signal that ended it: somebody stopped it. */
  readonly stopped: boolean;
}

export interface ChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly tapStdout: OutputTap;
  readonly tapStderr: OutputTap;
  /** The command has ended, but something that it left running still holds its output. */
  readonly onHeld: () => void;
}

/** A command that was started, and whose output passes through. */
export interface ChildRun {
  /** How it ended, once the taps have its output. */
  readonly ended: Promise<Ending>;
  /** Resolves when all output has passed; with false if a signal came first, and the rest is to be left. */
  readonly passed: Promise<boolean>;
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const satisfies readonly NodeJS.Signals[];
/** How long output is recorded after the command itself has ended: that of what it left running in the background. */
const LATE_OUTPUT = 2_000;
/** How long our reader has for the rest when a signal has ended the command; a blocked one must not hold us. */
const REST_AFTER_STOP = 1_000;
/** How long a job's command may take to end by itself; a worker that stops waits a second more. */
const KILL_AFTER = 4_000;

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

/**
 * Runs a command with our stdin, passes its output on byte by byte as it comes, shows it to the taps, and passes signals
 * on to it. Output goes through pipes: a command that looks whether it writes to a terminal sees that it does not.
 *
 * Output passes for as long as somebody holds those pipes, as with `| cat`: what the command leaves running would die of
 * a closed one. Once the command has ended, a signal is for us: it leaves what has not passed yet.
 */
export function runChild(options: ChildOptions): ChildRun {
  const [file, ...args] = options.command;
  const child = start(file, args, { stdio: ['inherit', 'pipe', 'pipe'] });
  if (child instanceof Error)
    return { ended: Promise.resolve(neverBegan(file, child)), passed: Promise.resolve(true) };
  // What a pipe of its own would have given it. (Node's pipes are sockets, which would answer its writes with another error.)
  const onBroken = () => child.kill('SIGPIPE');
  const passages = [
    new Passage(child.stdout, options.stdout, options.tapStdout, onBroken),
    new Passage(child.stderr, options.stderr, options.tapStderr, onBroken),
  ];
  const left = new AbortController();
  const leaving = new Promise<void>((resolve) => left.signal.addEventListener('abort', () => resolve()));
  left.signal.addEventListener('abort', () => {
    for (const passage of passages) passage.destroy();
  });
  const signals = forwardSignals(child, () => left.abort());
  const whole = ended(child, file).then(async (ending) => {
    const stopped = signals.forwarded && ending.code > 128;
    if (stopped) setTimeout(() => left.abort(), REST_AFTER_STOP).unref();
    for (const passage of passages) passage.readRest();
    await Promise.race([Promise.all(passages.map(({ closed }) => closed)), waitForLateOutput()]);
    for (const passage of passages) passage.endTap();
    if (passages.some(({ isClosed }) => !isClosed)) options.onHeld();
    return 'problem' in ending ? ending : { ...ending, stopped };
  });
  const passed = whole.then(async () => {
    await Promise.race([Promise.all(passages.map((passage) => passage.passed)), leaving]);
    signals.stop();
    return !left.signal.aborted;
  });
  return { ended: whole, passed };
}

export interface JobChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  /** What it reads from stdin. */
  readonly input: string;
  readonly tapStdout: OutputTap;
  readonly tapStderr: OutputTap;
  /** Ends it and what it started: SIGTERM, and a while later SIGKILL. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command for a job beside others: its output goes to the taps alone. It leads a process group of its own, so that
 * Ctrl-C reaches the worker, which lets it end, and a signal of ours reaches all that it started.
 */
export async function runJobChild(options: JobChildOptions): Promise<Ending> {
  const [file, ...args] = options.command;
  const child = start(file, args, { stdio: 'pipe', env: options.env, detached: true });
  if (child instanceof Error) return neverBegan(file, child);
  const stopListening = endOn(options.signal, child);
  child.stdin?.on('error', () => {}); // it need not read
  child.stdin?.end(options.input);
  const output = Promise.all([
    drain(child.stdout, options.tapStdout),
    drain(child.stderr, options.tapStderr),
  ]);
  try {
    const ending = await ended(child, file);
    await Promise.race([output, waitForLateOutput()]);
    return { ...ending, stopped: options.signal.aborted };
  } finally {
    stopListening();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Answers what stops listening. */
function endOn(signal: AbortSignal, child: Child): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    killGroup(child, 'SIGTERM');
    timer = setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER);
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end);
  return () => {
    signal.removeEventListener('abort', end);
    clearTimeout(timer);
  };
}

function killGroup(child: Child, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

function drain(source: Readable, tap: OutputTap): Promise<void> {
  return new Promise((resolve) => {
    source.on('data', (bytes: Buffer) => tap.push(bytes));
    source.on('error', () => {});
    source.on('close', () => {
      tap.end();
      resolve();
    });
  });
}

function start(file: string, args: readonly string[], options: SpawnOptions): Child | Error {
  try {
    return spawn(file, args, { ...options, windowsHide: true }) as Child;
  } catch (error) {
    return error as Error; // such as a NUL in an argument
  }
}

async function ended(child: Child, file: string): Promise<Ending> {
  return await new Promise((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(neverBegan(file, error));
    });
    child.on('exit', (code, signal) => {
      if (signal === null) resolve({ code: code ?? 1, stopped: false });
      else resolve({ code: 128 + constants.signals[signal], signal, stopped: false });
    });
  });
}

function neverBegan(file: string, error: NodeJS.ErrnoException): Ending {
  if (error.code === 'ENOENT') return { code: 127, problem: `${file}: command not found`, stopped: false };
  if (error.code === 'EACCES') return { code: 126, problem: `${file}: permission denied`, stopped: false };
  return { code: 126, problem: `${file}: ${error.message}`, stopped: false };
}

function waitForLateOutput(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LATE_OUTPUT).unref();
  });
}

/** Passes signals on to the command; after its end one is for us. */
function forwardSignals(child: Child, leave: () => void): { readonly forwarded: boolean; stop(): void } {
  const state = { forwarded: false, stop };
  const forward = (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return leave();
    state.forwarded = true;
    if (!terminalSentIt(signal)) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  function stop(): void {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
  return state;
}

/**
 * True if the signal came from the keyboard: a terminal sends it to the whole foreground process group, so the command has
 * it already, and a second one means "at once" to many programs. (A `kill -INT` of us alone cannot be told from it and
 * does not reach a command that runs in the foreground of a terminal; `kill -TERM` does.)
 */
function terminalSentIt(signal: NodeJS.Signals): boolean {
  return (signal === 'SIGINT' || signal === 'SIGQUIT') && inForeground();
}

function inForeground(): boolean {
  try {
    // Fields 5 and 8 of proc_pid_stat(5): our process group, and that in the foreground of our terminal.
    const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\)/s, '').trim().split(' ');
    return fields[2] === fields[5];
  } catch {
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  }
}
