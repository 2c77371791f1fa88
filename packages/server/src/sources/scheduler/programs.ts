import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { SourceError } from '../source.ts';

/** What a scheduler is asked in a minute at most, whatever the number of its users and jobs. */
export const CALLS_PER_MINUTE = 4;

/** Most bytes that a program may print: some hundred thousand jobs. */
const MOST_OUTPUT = 128 * 1024 * 1024;
const MOST_COMPLAINT = 16 * 1024;
/** A scheduler that does not answer within this is busy enough, milliseconds. */
const PATIENCE = 45_000;

/** What programs need to know of the machine; nothing else of our environment is handed on, no secret above all. */
const handedOn =
  /^(?:SLURM_CONF|SGE_(?:ROOT|CELL|QMASTER_PORT|EXECD_PORT|CLUSTER_NAME)|PBS_(?:CONF_FILE|SERVER|EXEC|DEFAULT))$/;

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly now: number;
}

/** Starts the programs of one scheduler, without a shell, and counts how often. */
export class Programs {
  readonly #folders: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #calls: number[] = [];

  /**
   * @param folders absolute paths, searched before those of `PATH`
   * @param environment besides what is handed on of ours
   * @param alsoPath false if nothing of `PATH` may be started: where the name of the program comes from a setting
   */
  constructor(
    folders: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    { alsoPath }: { alsoPath: boolean } = { alsoPath: true },
  ) {
    const path = alsoPath ? (process.env['PATH'] ?? '').split(delimiter) : [];
    this.#folders = [...folders, ...path].filter((folder) => isAbsolute(folder));
    this.#environment = environment;
  }

  /** How often a program may be started yet within this minute. */
  left(now: number): number {
    this.#calls = this.#calls.filter((at) => at > now - 60_000 && at <= now);
    return Math.max(0, CALLS_PER_MINUTE - this.#calls.length);
  }

  /** Where a program is; undefined if there is none that may be started. */
  async find(name: string): Promise<string | undefined> {
    for (const folder of this.#folders) {
      const file = join(folder, name);
      if (await isExecutable(file)) return file;
    }
    return undefined;
  }

  /**
   * What a program prints.
   *
   * @throws SourceError if there is none, it fails, prints too much or takes too long
   */
  async run(name: string, args: readonly string[], options: RunOptions): Promise<string> {
    const file = await this.find(name);
    if (file === undefined) throw this.#missing(name);
    this.#calls.push(options.now);
    return await start(file, args, { ...this.#ownEnvironment(), ...this.#environment }, options.signal);
  }

  /** Where it was looked for: a name alone tells nobody what to do. */
  #missing(name: string): SourceError {
    const folders = this.#folders.join(', ') || 'no folder, because sourcePrograms names none';
    return new SourceError({
      code: 'source.error.programMissing',
      detail: `${name}: looked for in ${folders}`,
    });
  }

  #ownEnvironment(): Record<string, string> {
    const own = Object.entries(process.env).filter(([name]) => handedOn.test(name)) as [string, string][];
    // What a program starts in its turn is its own affair.
    const path = [...this.#folders, process.env['PATH'] ?? ''].join(delimiter);
    // Seconds since 1970 know no time zone and no clock that is put back.
    return {
      ...Object.fromEntries(own),
      PATH: path,
      LC_ALL: 'C',
      SLURM_TIME_FORMAT: '%s',
    };
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function start(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const ending = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const child = spawn(file, args, {
      cwd: '/',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: ending,
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    let bytes = 0;
    let complaint = '';
    const fail = (code: string, detail: string) => {
      child.kill('SIGKILL');
      reject(new SourceError({ code, detail: `${file}: ${detail}`.trim().slice(0, 1_000) }));
    };
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT) fail('source.error.programTooMuch', `${MOST_OUTPUT} bytes`);
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < MOST_COMPLAINT) complaint += chunk.toString('utf8');
    });
    child.on('error', (error) =>
      fail(ending.aborted ? 'source.error.timeout' : 'source.error.program', error.message),
    );
    child.on('close', (code, killed) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8'));
      else fail('source.error.program', firstLine(complaint) || `ended with ${code ?? killed}`);
    });
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
