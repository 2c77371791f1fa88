import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobTracker, type TicketProblem } from '@daybook/sdk/tickets';

export interface Hammering {
  readonly processes: number;
  /** Changes of each process that must be said to be done before it ends. */
  readonly updates: number;
  readonly tickets: number;
  /** Kills (signal 9), of processes picked by chance, spread over the work. */
  readonly kills: number;
}

/** What hammering left. */
export interface Hammered {
  /** Changes that were said to be done. */
  readonly acknowledged: number;
  /** Of these, those that are in no ticket. */
  readonly lost: readonly string[];
  /** Those that are in their ticket more than once. */
  readonly doubled: readonly string[];
  readonly problems: readonly TicketProblem[];
  /** What lies in the directory besides tickets. */
  readonly leftovers: readonly string[];
  /** Milliseconds that the slowest change took, when nobody else was at it any more. */
  readonly slowestAfterwards: number;
  /** Times that a ticket was read meanwhile, as any program reads a file; each time it was whole. */
  readonly reads: number;
}

const processFile = (name: string) => join(import.meta.dirname, name);

/** Many processes change the same tickets, and are killed while they do. */
export async function hammer({ processes, updates, tickets, kills }: Hammering): Promise<Hammered> {
  const directory = mkdtempSync(join(tmpdir(), 'daybook-hammer-'));
  const problems: TicketProblem[] = [];
  const tracker = new JobTracker(directory, { onProblem: (problem) => problems.push(problem) });
  try {
    const ids: string[] = [];
    for (let n = 0; n < tickets; n++) ids.push((await tracker.initTrackerFile('create_asset')).job_ticket_id);
    const crew = new Crew(directory, ids, updates);
    const reader = startReader(directory, ids);
    await crew.work(processes, kills);
    const reads = await reader.end();
    const marks = new Map(
      (await tracker.getJobs()).map(({ job_ticket_id: id, context }) => [id, marksIn(context)]),
    );
    const leftovers = readdirSync(directory).filter((name) => !name.endsWith('.json'));
    return {
      acknowledged: crew.acknowledged.length,
      lost: crew.acknowledged.filter(([id, mark]) => !marks.get(id)?.includes(mark)).map(String),
      doubled: [...marks.values()].flatMap((all) => all.filter((mark, n) => all.indexOf(mark) !== n)),
      problems,
      leftovers,
      slowestAfterwards: await slowest(ids, (id) => tracker.updateTimestamp(id)),
      reads,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Processes that change tickets; one that is killed is followed by another that does the rest. */
class Crew {
  readonly acknowledged: [id: string, mark: string][] = [];
  readonly #running = new Set<ChildProcess>();
  readonly #directory: string;
  readonly #ids: readonly string[];
  readonly #updates: number;
  #started = 0;

  constructor(directory: string, ids: readonly string[], updates: number) {
    this.#directory = directory;
    this.#ids = ids;
    this.#updates = updates;
  }

  async work(processes: number, kills: number): Promise<void> {
    let remaining = kills;
    const total = processes * this.#updates;
    const everyOne = Array.from({ length: processes }, () =>
      this.#finish(() => {
        const isDue = this.acknowledged.length > (total * (kills - remaining + 0.5)) / (kills + 1);
        if (remaining === 0 || !isDue) return;
        remaining -= 1;
        this.#killOne();
      }),
    );
    await Promise.all(everyOne);
  }

  #killOne(): void {
    const victims = [...this.#running];
    const victim = victims[Math.floor(Math.random() * victims.length)];
    // After a moment, so that it is anywhere in its next change.
    setTimeout(() => victim?.kill('SIGKILL'), Math.random() * 20);
  }

  async #finish(onAcknowledged: () => void): Promise<void> {
    for (let done = 0; done < this.#updates; ) done += await this.#run(this.#updates - done, onAcknowledged);
  }

  async #run(count: number, onAcknowledged: () => void): Promise<number> {
    const name = `w${this.#started++}`;
    const words = [processFile('ticket-writer.ts'), this.#directory, name, String(count), ...this.#ids];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#running.add(child);
    let rest = '';
    let done = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.acknowledged.push(line.split(' ') as [string, string]);
        done += 1;
        onAcknowledged();
      }
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    this.#running.delete(child);
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`${name} ended with ${code ?? signal}`);
    return done;
  }
}

function startReader(directory: string, ids: readonly string[]): { end: () => Promise<number> } {
  const child = spawn(process.execPath, [processFile('ticket-reader.ts'), directory, ...ids], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  return {
    end: async () => {
      child.stdin.end();
      const [code] = await closed;
      if (code !== 0) throw new Error(`the reader ended with ${code}`);
      return Number(printed);
    },
  };
}

function marksIn(context: Readonly<Record<string, unknown>>): string[] {
  const { errors_encountered: errors = [], ...others } = context;
  return [...(errors as { message: string }[]).map(({ message }) => message), ...Object.keys(others)];
}

async function slowest(ids: readonly string[], change: (id: string) => Promise<unknown>): Promise<number> {
  let most = 0;
  for (const id of ids) {
    const start = performance.now();
    await change(id);
    most = Math.max(most, performance.now() - start);
  }
  return most;
}
