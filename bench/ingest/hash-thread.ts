import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** Files of a tar that one thread hashes: those numbered [from, to), each of so many bytes. */
export interface HashWork {
  readonly file: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

const BLOCK = 512;
const PIECE = 1024 * 1024;
const { file, bytes, from, to } = workerData as HashWork;
const stride = BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
const piece = Buffer.alloc(Math.min(PIECE, bytes));
const tar = openSync(file, 'r');

/** Reads and hashes with both, and does nothing else. */
function hashFile(start: number): void {
  if (bytes <= PIECE) {
    readSync(tar, piece, 0, bytes, start);
    hash('sha256', piece);
    hash('sha1', piece);
    return;
  }
  const [sha256, sha1] = [createHash('sha256'), createHash('sha1')];
  for (let at = 0; at < bytes; at += PIECE) {
    const read = readSync(tar, piece, 0, Math.min(PIECE, bytes - at), start + at);
    sha256.update(piece.subarray(0, read));
    sha1.update(piece.subarray(0, read));
  }
  sha256.digest('hex');
  sha1.digest('hex');
}

parentPort?.on('message', () => {
  for (let n = from; n < to; n++) hashFile(n * stride + BLOCK);
  closeSync(tar);
  parentPort?.postMessage('done');
  parentPort?.close();
});
parentPort?.postMessage('ready');
