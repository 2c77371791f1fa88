import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { S3Store } from '../../packages/server/src/archive/s3-store.ts';
import { GuessLane } from '../../packages/server/src/tar/lane.ts';
import type { HashWork } from './hash-thread.ts';
import type { MadeBundle } from './made-bundle.ts';
import type { Outcome } from './subjects.ts';

const PIECE = 1024 * 1024;

/** The parser with SHA-1 alone, in this process: processor time, as openssl counts. Others may use the machine. */
export function parseAndHash(bundle: MadeBundle): Outcome {
  const lane = new GuessLane();
  const file = openSync(bundle.file, 'r');
  const piece = Buffer.alloc(PIECE);
  let seconds = 0;
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
    const before = process.cpuUsage();
    const { fault } = lane.take(piece.subarray(0, read));
    const { user, system } = process.cpuUsage(before);
    seconds += (user + system) / 1e6;
    if (fault !== undefined) throw new Error(fault.rule);
  }
  closeSync(file);
  return { seconds };
}

/** MB a second on one core, by processor time. */
export function opensslSpeed(algorithm: 'sha1' | 'sha256', bytes: number): number {
  const options = ['speed', '-seconds', '1', '-bytes', String(bytes), '-evp', algorithm];
  const text = execFileSync('openssl', options, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  return Number(new RegExp(`^${algorithm}\\s+([\\d.]+)k`, 'im').exec(text)?.[1]) / 1_000;
}

/**
 * The bare limit: every file of the tar read from where it lies, and hashed with SHA-256 and SHA-1 by `node:crypto`, on all
 * cores and nothing besides. Nothing is received, parsed or stored, and files are shared out beforehand.
 */
export async function bareHashes({ file, bytes, paths }: MadeBundle): Promise<Outcome> {
  const cores = availableParallelism();
  const each = Math.ceil(paths.length / cores);
  const threads = Array.from({ length: cores }, (_, n) => {
    const workerData: HashWork = {
      file,
      bytes,
      from: n * each,
      to: Math.min((n + 1) * each, paths.length),
    };
    return new Worker(join(import.meta.dirname, 'hash-thread.ts'), { workerData });
  });
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const before = process.cpuUsage();
  const begin = performance.now();
  await Promise.all(
    threads.map((thread) => {
      thread.postMessage('go');
      return once(thread, 'message');
    }),
  );
  const seconds = (performance.now() - begin) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, processor: (user + system) / 1e6 };
}

/** What the S3 server takes: the same parts by the same client, and nothing besides. */
export async function bareS3(endpoint: string, { file }: MadeBundle): Promise<Outcome> {
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  const config = { endpoint, region: 'us-east-1', forcePathStyle: true, credentials };
  const store = new S3Store({ bucket: 'archive', prefix: 'bare' }, config);
  const begin = performance.now();
  const writer = await store.create({ folder: '2026/01/bare', name: 'bundle.tar' });
  for await (const piece of createReadStream(file, { highWaterMark: PIECE })) await writer.write(piece);
  await writer.finish();
  const seconds = (performance.now() - begin) / 1_000;
  store.close();
  return { seconds };
}
