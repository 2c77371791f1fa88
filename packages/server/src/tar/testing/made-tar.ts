import { gzipSync } from 'node:zlib';
import { headerBytes, paxRecord, tarBytes, withSum } from '../../datasets/testing/tar-bytes.ts';

/** Tars made byte by byte, for tests: such as every program writes, and such as none does. */

export { gzipSync, headerBytes, paxRecord, tarBytes, withSum };

export const BLOCK = 512;
export const ZEROS = Buffer.alloc(BLOCK);
export const END = Buffer.alloc(2 * BLOCK);

/** A member: its header, changed as wished, and its content. The sum is right unless `sum` is false. */
export function member(
  path: string,
  content: string | Buffer = '',
  change: { flag?: string; size?: number; edit?(header: Buffer): void; sum?: boolean } = {},
): Buffer {
  const bytes = Buffer.from(content);
  const header = headerBytes(
    { path, flag: change.flag ?? '0', ...(change.size !== undefined && { size: change.size }) },
    bytes.length,
  );
  change.edit?.(header);
  if (change.edit !== undefined && change.sum !== false) withSum(header);
  return Buffer.concat([header, bytes, padding(bytes.length)]);
}

/** An extension header: `x` or `g` with pax records, `L` or `K` with a long name. */
export function extension(flag: string, content: string | Buffer): Buffer {
  return member(flag === 'L' || flag === 'K' ? '././@LongLink' : 'PaxHeader', content, { flag });
}

export function pax(...records: readonly (readonly [string, string])[]): Buffer {
  return extension('x', records.map(([key, value]) => paxRecord(key, value)).join(''));
}

/** A member whose name's bytes are these. */
export function named(name: Buffer, content = 'x'): Buffer {
  return member('x', content, {
    edit(header) {
      header.fill(0, 0, 100);
      name.copy(header);
    },
  });
}

/** A number as GNU writes large ones. */
export function binary(header: Buffer, value: bigint, at = 124): void {
  header.fill(0, at, at + 12);
  header[at] = 0x80;
  header.writeBigUInt64BE(value, at + 4);
}

export const padding = (size: number) => Buffer.alloc(-size & (BLOCK - 1));
export const archive = (...parts: readonly Buffer[]) => Buffer.concat([...parts, END]);
