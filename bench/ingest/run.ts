import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startDaybook } from '../load/processes.ts';
import { type MadeBundle, makeBundle } from './made-bundle.ts';

/*
 * bench/ingest: how fast bundles come in over loopback HTTP, sent by curl, in one run on one machine.
 *
 *   TMPDIR=/dev/shm npm exec -- node bench/ingest/run.ts [--rounds 3] [--quick] [--old 1000]
 *
 * daybook   POST /ingest: received, parsed, hashed (SHA-256 and SHA-1), stored, durable; and until it is published
 * tus       @tus/server with its file store: received, and nothing besides
 * extract   curl | tar -x, then sha1sum of every file
 * old       what the old service does for each file: looks for it in the list, hashes it, PUTs it; over some of the files
 * parse     the parser with SHA-1 alone, in one process, beside `openssl speed`
 *
 * Everything is in TMPDIR, so a tmpfs there leaves the disk out.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    old: { type: 'string', default: '1000' },
  },
});
const rounds = Number(values.rounds);
const scale = values.quick ? 16 : 1;
const folder = mkdtempSync(join(tmpdir(), 'daybook-bench-ingest-'));
const results = new Map<string, number[]>();

console.log(
  `bench/ingest  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(
  `settings      ${rounds} rounds, in ${tmpdir()}; curl sends; load ${loadavg()[0]?.toFixed(1)} before\n`,
);
const bundles: Record<string, MadeBundle> = {
  '4 large files': makeBundle(join(folder, 'large.tar'), 4, (512 / scale) * 1024 * 1024),
  [`${50_000 / scale} small files`]: makeBundle(join(folder, 'small.tar'), 50_000 / scale, 9_120),
};

try {
  for (let round = 1; round <= rounds; round++)
    for (const [name, bundle] of Object.entries(bundles)) {
      await told(round, `${name}: daybook`, bundle.size, () => viaDaybook(name, bundle));
      await told(round, `${name}: tus receive-only`, bundle.size, () => viaTus(name, bundle));
      await told(round, `${name}: tar -x, sha1sum`, bundle.size, () => viaExtraction(bundle));
      if (bundle.paths.length > 100) {
        const count = Math.min(Number(values.old), bundle.paths.length);
        await told(round, `${name}: old pattern`, count * 9_120, () => viaOldPattern(bundle, count));
      }
      await told(round, `${name}: parse + sha1`, bundle.size, () => parsed(bundle));
      await opensslSpeed(round, name, bundle.paths.length > 100 ? 8_192 : 16_384);
    }
  console.log('\nmedian of the rounds');
  for (const [name, all] of results)
    console.log(`  ${name.padEnd(44)} ${median(all).toFixed(0).padStart(6)}`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Says what a subject did, in MB/s; `seconds` is what it measured. */
async function told(
  round: number,
  name: string,
  bytes: number,
  measure: () => Promise<number>,
): Promise<void> {
  const seconds = await measure();
  const rate = bytes / seconds / 1e6;
  keep(`${name}, MB/s`, rate);
  console.log(
    `round ${round}  ${name.padEnd(40)} ${rate.toFixed(1).padStart(7)} MB/s  ${seconds.toFixed(2).padStart(7)} s  (load ${loadavg()[0]?.toFixed(1)})`,
  );
}

function keep(name: string, value: number): void {
  results.set(name, [...(results.get(name) ?? []), value]);
}

async function viaDaybook(name: string, bundle: MadeBundle): Promise<number> {
  const daybook = await startDaybook();
  try {
    const base = `http://127.0.0.1:${daybook.port}`;
    const begin = performance.now();
    const { job_id: id } = JSON.parse(
      curl([
        '-X',
        'POST',
        '-T',
        bundle.file,
        '-H',
        `authorization: ${daybook.headers['authorization']}`,
        `${base}/ingest`,
      ]),
    );
    const received = (performance.now() - begin) / 1_000;
    keep(`${name}: daybook, processor, s × 100`, processorSeconds(daybook.process.pid as number) * 100);
    for (;;) {
      const state = await (
        await fetch(`${base}/get_state?job_id=${id}`, { headers: daybook.headers })
      ).json();
      if (state.state === 'FAILED') throw new Error(`the bundle failed: ${state.exception}`);
      if (state.complete) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    keep(`${name}: daybook, until published, s × 100`, (performance.now() - begin) / 10);
    keep(`${name}: daybook, highest memory, MB`, peakMegabytes(daybook.process.pid as number));
    return received;
  } finally {
    await daybook.stop();
  }
}

async function viaTus(name: string, bundle: MadeBundle): Promise<number> {
  const place = join(folder, 'tus');
  mkdirSync(place);
  return await withServer('tus-server.ts', place, async (base, pid) => {
    const begin = performance.now();
    const head = curl([
      '-i',
      '-X',
      'POST',
      '-H',
      'tus-resumable: 1.0.0',
      '-H',
      `upload-length: ${bundle.size}`,
      `${base}/files`,
    ]);
    const location = /^location: (\S+)/im.exec(head)?.[1] ?? '';
    const type = 'content-type: application/offset+octet-stream';
    const headers = ['-H', 'tus-resumable: 1.0.0', '-H', 'upload-offset: 0', '-H', type];
    curl(['-X', 'PATCH', '-T', bundle.file, ...headers, location]);
    const seconds = (performance.now() - begin) / 1_000;
    keep(`${name}: tus, processor, s × 100`, processorSeconds(pid) * 100);
    return seconds;
  });
}

async function viaExtraction(bundle: MadeBundle): Promise<number> {
  const place = join(folder, 'extracted');
  mkdirSync(place);
  const seconds = await withServer('file-server.ts', folder, async (base) => {
    const begin = performance.now();
    const name = bundle.file.slice(folder.length + 1);
    execFileSync(
      'sh',
      ['-c', `curl -sS ${base}/${name} | tar -x && find data -type f -print0 | xargs -0 sha1sum > sums`],
      { cwd: place },
    );
    return (performance.now() - begin) / 1_000;
  });
  rmSync(place, { recursive: true });
  return seconds;
}

/** A lookup through the whole list, a hash and a PUT for each file. */
async function viaOldPattern(bundle: MadeBundle, count: number): Promise<number> {
  const place = join(folder, 'old');
  mkdirSync(place);
  return await withServer('file-server.ts', place, async (base) => {
    const names = bundle.paths.map((path) => ({ name: path }));
    const content = Buffer.alloc(9_120, 1);
    const begin = performance.now();
    for (let n = 0; n < count; n++) {
      const wanted = bundle.paths[bundle.paths.length - 1 - n];
      const found = names.filter(({ name }) => name === wanted).length;
      createHash('sha1').update(content).digest('hex');
      await (await fetch(`${base}/${n}`, { method: 'PUT', body: content })).text();
      if (found !== 1) throw new Error('a file is not in the list');
    }
    return (performance.now() - begin) / 1_000;
  });
}

async function parsed(bundle: MadeBundle): Promise<number> {
  const { GuessLane } = await import('../../packages/server/src/tar/lane.ts');
  const lane = new GuessLane();
  const file = openSync(bundle.file, 'r');
  const piece = Buffer.alloc(1024 * 1024);
  let seconds = 0;
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
    // Processor time, as openssl counts: others may use the machine.
    const before = process.cpuUsage();
    const { fault } = lane.take(piece.subarray(0, read));
    const { user, system } = process.cpuUsage(before);
    seconds += (user + system) / 1e6;
    if (fault !== undefined) throw new Error(fault.rule);
  }
  closeSync(file);
  return seconds;
}

async function opensslSpeed(round: number, name: string, bytes: number): Promise<void> {
  const text = execFileSync('openssl', ['speed', '-seconds', '1', '-bytes', String(bytes), '-evp', 'sha1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rate = Number(/^sha1\s+([\d.]+)k/im.exec(text.toString())?.[1]) / 1_000;
  keep(`${name}: openssl speed sha1, MB/s`, rate);
  console.log(
    `round ${round}  ${`${name}: openssl speed sha1`.padEnd(40)} ${rate.toFixed(1).padStart(7)} MB/s`,
  );
}

/** Starts a script of this folder with a folder of its own, which is removed afterwards unless it is the bench's. */
async function withServer(
  script: string,
  place: string,
  work: (base: string, pid: number) => Promise<number>,
): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  try {
    return await work(`http://127.0.0.1:${port}`, child.pid as number);
  } finally {
    child.kill();
    await once(child, 'exit');
    if (place !== folder) rmSync(place, { recursive: true });
  }
}

function curl(options: readonly string[]): string {
  return execFileSync('curl', ['-sS', '-f', '-H', 'expect:', ...options], { maxBuffer: 2 ** 24 }).toString();
}

/** Processor time of a process and its threads so far. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}
