import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a job of a {@link LogTree} stands. */
export type Stand = 'pending' | 'running' | 'finished' | 'renamed' | 'nothing';

const DAY = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTH = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A directory of scheduler logs and the directories of their jobs, as a cluster of twenty years ago leaves them. */
export class LogTree {
  readonly root = mkdtempSync(join(tmpdir(), 'daybook-logs-'));
  readonly logs = join(this.root, 'logs');
  readonly #stood = new Map<number, string>();

  constructor() {
    mkdirSync(this.logs);
  }

  /** The directory that jobs of a project are submitted from; ten thousand jobs have a hundred of them. */
  place(project: number): string {
    return join(this.root, 'car_prj', String(3_000_000 + project), 'some_directory');
  }

  logName(id: number, at: number): string {
    const date = new Date(at);
    const iso = date.toISOString();
    return `${iso.slice(0, 10)}__${iso.slice(11, 19)}-${id}.log`;
  }

  /** A job's log; `at` is milliseconds, told in UTC. */
  submit(
    id: number,
    at: number,
    options: { project?: number; owner?: string; directory?: string } = {},
  ): string {
    const { project = id % 100, owner = 'doea', directory = this.place(project) } = options;
    mkdirSync(directory, { recursive: true });
    const date = new Date(at);
    const two = (n: number) => String(n).padStart(2, '0');
    const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
    const ctime = `${DAY[date.getUTCDay()]} ${MONTH[date.getUTCMonth()]} ${two(date.getUTCDate())} ${time} ${date.getUTCFullYear()}`;
    const file = this.logName(id, at);
    const lines = {
      job_number: id,
      submission_time: ctime,
      owner,
      sge_o_workdir: directory,
      mail_list: 'Alice.Doe@example.com',
      job_name: `i_main_deck_${id}.dyn`,
    };
    const text = Object.entries(lines).map(([key, value]) => `${`${key}:`.padEnd(28)}${value}\n`);
    writeFileSync(join(this.logs, file), text.join(''));
    return file;
  }

  /** Lets a job stand somewhere, and nowhere else. */
  stand(id: number, stand: Stand, { project = id % 100, readme = true } = {}): void {
    const directory = this.place(project);
    const before = this.#stood.get(id);
    if (before !== undefined) rmSync(before, { recursive: true, force: true });
    const place = join(directory, namesOf(id)[stand]);
    this.#stood.set(id, place);
    if (stand === 'pending') mkdirSync(place);
    if (stand === 'running') writeFileSync(place, `cd /scratch/run/${id}*\nrun\n`);
    if (stand !== 'finished' && stand !== 'renamed') return;
    mkdirSync(place);
    if (readme) this.readme(place, id);
  }

  readme(directory: string, id: number, lines: readonly string[] = readmeOf(id)): void {
    writeFileSync(
      join(directory, `README.i_main_deck_${id}.dyn.README`),
      Buffer.from(lines.join('\n'), 'latin1'),
    );
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function scriptOf(id: number): string {
  return `${id}.dyn-dmp.x99xx123.128.sh`;
}

export function readmeOf(id: number): string[] {
  return [
    `FILE:          main_sled_${id}.key`,
    `base-run (job-id): ${id - 1}, ${id - 2} and text`,
    'information      :',
    'Größer als zuvor, Türen verstärkt',
    '  second line',
    '********Header********',
    'Sub-User:      roee',
    'EMail:         rita.roe@example.com',
    'Sub-Date:      2018-01-02__10:20:30',
    'Solver:        dyna R11',
    '',
  ];
}

function namesOf(id: number): Record<Stand, string> {
  return {
    pending: `${id}.pending`,
    running: scriptOf(id),
    finished: `${id}`,
    renamed: `${id}_v2`,
    nothing: `nothing-of-${id}`,
  };
}
