import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bareHashes, bareS3, opensslSpeed, parseAndHash } from './limits.ts';
import { type MadeBundle, makeBundle } from './made-bundle.ts';
import { withServer } from './processes.ts';
import { BEFORE, type Outcome, viaDaybook, viaExtraction, viaOldPattern, viaTus } from './subjects.ts';

/*
 * bench/ingest: how fast bundles come in over loopback HTTP, sent by curl, in one run on one machine.
 *
 *   TMPDIR=/dev/shm npm exec -- node bench/ingest/run.ts [--rounds 3] [--quick] [--old 1000] [--members 1000000] [--skip s3] [--skip members]
 *
 * daybook   POST /ingest: received, parsed, hashed (SHA-256 and SHA-1), stored, durable; and until it is published
 * tus       @tus/server with its file store: received, and nothing besides
 * bare      every file of the tar hashed with both by node:crypto on all cores, and nothing besides: the limit
 *           (and with what tus' server and its sender took besides, by processor time: the limit of whoever receives and hashes)
 * extract   curl | tar -x, then sha1sum of every file
 * old       what the old service does for each file: looks for it in the list, hashes it, PUTs it; over some of the files
 * parse     the parser with SHA-1 alone, in one process, beside `openssl speed`
 * S3        daybook with a bucket of a real S3 server (s3rver, in a process of its own), beside sending it the same parts
 * members   the memory of the server's process with a bundle of so many members
 *
 * Servers are measured warm, after three smaller bundles, and the machine's memory is touched before. Everything is in
 * TMPDIR, so a tmpfs there leaves the disk out. Three rounds take about eight minutes on a quiet machine.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    old: { type: 'string', default: '1000' },
    members: { type: 'string' },
    skip: { type: 'string', multiple: true, default: [] },
  },
});
const rounds = Number(values.rounds);
const scale = values.quick ? 16 : 1;
const members = Number(values.members ?? 1_000_000 / scale);
const SMALL = 9_120;
const TINY = 16;
/** MiB of a large file for S3, whose server is the slower one. */
const LESS = 64;
const results = new Map<string, number[]>();
const folder = mkdtempSync(join(tmpdir(), 'daybook-bench-ingest-'));
const counts = { large: 4, small: 50_000 / scale };

console.log(
  `bench/ingest  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}
settings      ${rounds} rounds, everything in ${tmpdir()}; load ${loadavg()[0]?.toFixed(1)} before
              large: 4 files of ${512 / scale} MiB; small: ${counts.small} files of ${SMALL} bytes; metadata.txt last, listing each with its SHA-1
              daybook: the built command, default settings: SQLite, archive in a folder, SHA-256 and SHA-1
              daybook and tus: each a server of its own, which has taken in the small bundle ${BEFORE} times; memory is touched before
              S3 and members: a fresh server
              sent by ${firstLine('curl', ['--version'])}
              ${firstLine('openssl', ['version'])} for speed; node has OpenSSL ${process.versions.openssl}
              old pattern over ${values.old} files; S3 once, large files of ${LESS / scale} MiB; members: ${members} files of ${TINY} bytes, once
`,
);

try {
  const bundles = {
    large: makeBundle(join(folder, 'large.tar'), counts.large, (512 / scale) * 1024 * 1024),
    small: makeBundle(join(folder, 'small.tar'), counts.small, SMALL),
  };
  for (let round = 1; round <= rounds; round++)
    for (const [name, bundle] of Object.entries(bundles)) await compare(name, bundle, bundles.small, round);
  rmSync(bundles.large.file);
  if (!values.skip.includes('s3')) await compareS3(bundles.small);
  if (!values.skip.includes('members')) await measureMemory();
  tellMedians();
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(name: string, bundle: MadeBundle, before: MadeBundle, round: number): Promise<void> {
  const { size, paths, bytes } = bundle;
  console.log(`round ${round}, ${name}  (load ${loadavg()[0]?.toFixed(1)})`);
  const daybook = await viaDaybook(bundle, { before });
  tell(`${name}: daybook`, size, daybook);
  tell(`${name}: daybook, published`, size, { seconds: daybook.published });
  tell(`${name}: tus receive-only`, size, await viaTus(bundle, before));
  tell(`${name}: bare hashes`, size, await bareHashes(bundle));
  tell(`${name}: tar -x, sha1sum`, size, await viaExtraction(bundle));
  if (name === 'small') {
    const count = Math.min(Number(values.old), paths.length);
    tell(`${name}: old pattern`, count * bytes, await viaOldPattern(bundle, count));
  }
  tell(`${name}: parse + sha1`, size, parseAndHash(bundle));
  for (const algorithm of ['sha1', 'sha256'] as const) {
    const rate = opensslSpeed(algorithm, name === 'small' ? 8_192 : 16_384);
    keep(`${name}: openssl speed ${algorithm}`, rate);
    console.log(`  ${`${name}: openssl speed ${algorithm}`.padEnd(28)} ${rate.toFixed(1).padStart(7)} MB/s`);
  }
}

async function compareS3(small: MadeBundle): Promise<void> {
  await measureS3('large', makeBundle(join(folder, 'less.tar'), counts.large, (LESS / scale) * 1024 * 1024));
  await measureS3('small', small);
}

async function measureS3(name: string, bundle: MadeBundle): Promise<void> {
  await withServer('s3-server.ts', folder, async (endpoint) => {
    const daybook = await viaDaybook(bundle, {
      settings: {
        DAYBOOK_ARCHIVE: 's3://archive/bench',
        DAYBOOK_ARCHIVE_ENDPOINT: endpoint,
        DAYBOOK_ARCHIVE_ACCESS_KEY: 'S3RVER',
        DAYBOOK_ARCHIVE_SECRET_KEY: 'S3RVER',
      },
    });
    tell(`${name}: daybook, S3`, bundle.size, daybook);
    tell(`${name}: S3 alone`, bundle.size, await bareS3(endpoint, bundle));
  });
}

async function measureMemory(): Promise<void> {
  const bundle = makeBundle(join(folder, 'members.tar'), members, TINY);
  const daybook = await viaDaybook(bundle);
  const { before, peak } = daybook.memory;
  tell('members: daybook', bundle.size, daybook);
  tell('members: daybook, published', bundle.size, { seconds: daybook.published });
  keep('members: memory before, MB', before);
  keep('members: highest memory, MB', peak);
  console.log(`  the server's process: ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most`);
}

/** Says what a subject did, in MB/s. */
function tell(name: string, bytes: number, { seconds, processor, sender }: Outcome): void {
  const rate = bytes / seconds / 1e6;
  keep(name, rate);
  keep(`${name}, s`, seconds);
  if (processor !== undefined) keep(`${name}, processor s`, processor);
  if (sender !== undefined) keep(`${name}, sender s`, sender);
  const shared = sender === undefined ? '' : `, its sender ${sender.toFixed(2)} s`;
  const time = processor === undefined ? '' : `  processor ${processor.toFixed(2)} s${shared}`;
  console.log(
    `  ${name.padEnd(28)} ${rate.toFixed(1).padStart(7)} MB/s  ${seconds.toFixed(2).padStart(7)} s${time}`,
  );
}

function keep(name: string, value: number): void {
  results.set(name, [...(results.get(name) ?? []), value]);
}

function tellMedians(): void {
  const of = (name: string) => median(results.get(name) ?? []);
  console.log('\nmedians');
  for (const name of results.keys()) console.log(`  ${name.padEnd(44)} ${of(name).toFixed(2).padStart(9)}`);
  const ratio = (name: string, to: string) => (of(name) / of(to)).toFixed(2);
  const aims = `
aims
  small files, until published                 ${of('small: daybook, published, s').toFixed(2)} s (≤ 2 s)
${limits('small')}
  small files, to the old pattern              ${ratio('small: daybook', 'small: old pattern')} × (≥ 100); the limit ${toOldPattern()} ×
  small files, parse + sha1 to openssl         ${ratio('small: parse + sha1', 'small: openssl speed sha1')} (≥ 0.65)
  large files, parse + sha1 to openssl         ${ratio('large: parse + sha1', 'large: openssl speed sha1')} (≥ 0.85)
  large files, to tus receive-only             ${ratio('large: daybook', 'large: tus receive-only')} (≥ 1.2); both hashes alone ${ratio('large: bare hashes', 'large: tus receive-only')}
${limits('large')}
  highest memory, ${members} members        ${of('members: highest memory, MB').toFixed(0)} MB (≤ 250)`;
  // Of what was skipped nothing is known.
  console.log(aims.replace(/^.*NaN.*\n?/gm, ''));
}

/** Seconds within which nobody can do better on this machine: what tus' server, its sender and both hashes take, on all cores. */
function limitOf(name: string): number {
  const of = (what: string) => median(results.get(`${name}: ${what} s`) ?? []);
  const received = of('tus receive-only, processor') + of('tus receive-only, sender');
  return (received + of('bare hashes, processor')) / availableParallelism();
}

function toOldPattern(): string {
  const rate = (counts.small * SMALL) / limitOf('small') / 1e6;
  return (rate / median(results.get('small: old pattern') ?? [])).toFixed(0);
}

/** What nobody can do in less time on this machine, and how ours stands to it. */
function limits(name: string): string {
  const of = (what: string) => median(results.get(`${name}: ${what}`) ?? []);
  const cores = availableParallelism();
  const both = limitOf(name);
  const line = (what: string, limit: number) =>
    `  limit: ${what.padEnd(37)} ${limit.toFixed(2)} s; ours ${(of('daybook, s') / limit).toFixed(2)} × until safe, ${(of('daybook, published, s') / limit).toFixed(2)} × until published`;
  return [
    line(`both hashes alone, ${cores} threads`, of('bare hashes, s')),
    line(`sent and received as by tus, ${cores} cores`, both),
    `  limit: the same to tus receive-only          ${(of('tus receive-only, s') / both).toFixed(2)} ×`,
  ].join('\n');
}

function firstLine(command: string, options: readonly string[]): string {
  return execFileSync(command, options).toString().split('\n')[0]?.replace(/ \(.*/, '') ?? '';
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}
