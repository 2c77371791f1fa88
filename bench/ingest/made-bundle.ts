import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { tarEnd, tarHeader, tarPadding } from '../../packages/server/src/archive/tar-writer.ts';

export interface MadeBundle {
  readonly file: string;
  /** Bytes of the tar. */
  readonly size: number;
  readonly paths: readonly string[];
}

/** Writes a bundle of files of one size; `metadata.txt` is last and lists them all with their SHA-1. */
export function makeBundle(file: string, count: number, bytes: number): MadeBundle {
  const out = openSync(file, 'w');
  const pool = randomBytes(1024 * 1024);
  const listed: object[] = [
    { destinationTable: 'Transactions.submitter', value: 10 },
    { destinationTable: 'Transactions.project', value: 'bench' },
    { destinationTable: 'Transactions.instrument', value: 54 },
  ];
  const paths: string[] = [];
  let size = 0;
  const put = (piece: Uint8Array) => {
    size += writeSync(out, piece);
  };
  for (let n = 0; n < count; n++) {
    const [subdir, name] = [`data/${Math.floor(n / 500)}`, `file-${n}.dat`];
    const hash = createHash('sha1');
    put(tarHeader(`${subdir}/${name}`, bytes, 0));
    pool.writeUInt32LE(n, 0);
    for (let left = bytes; left > 0; left -= pool.length) {
      const piece = pool.subarray(0, Math.min(left, pool.length));
      hash.update(piece);
      put(piece);
    }
    put(tarPadding(bytes));
    paths.push(`${subdir}/${name}`);
    const hashsum = hash.digest('hex');
    listed.push({
      destinationTable: 'Files',
      name,
      subdir,
      size: bytes,
      hashtype: 'sha1',
      hashsum,
      mimetype: 'application/octet-stream',
    });
  }
  const metadata = Buffer.from(JSON.stringify(listed));
  for (const piece of [
    tarHeader('metadata.txt', metadata.length, 0),
    metadata,
    tarPadding(metadata.length),
    tarEnd,
  ])
    put(piece);
  closeSync(out);
  return { file, size, paths };
}
