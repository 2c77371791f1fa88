import { BLOCK } from '../tar/header.ts';

/** Headers of tars that we write: ustar, with a pax record where a name or size does not fit (POSIX.1-2017 `pax`). */

const OCTAL_SIZE = 0o77777777777;

/** Everything that stands before a file's bytes. `modified` in milliseconds. */
export function tarHeader(path: string, size: number, modified: number): Buffer {
  const plain = Buffer.byteLength(path) <= 100 && /^[\x20-\x7e]+$/.test(path);
  const records = [
    ...(plain ? [] : [paxRecord('path', path)]),
    ...(size > OCTAL_SIZE ? [paxRecord('size', String(size))] : []),
  ].join('');
  const name = plain ? path : `pax/${Buffer.byteLength(path)}`;
  const own = block(name, size > OCTAL_SIZE ? 0 : size, '0', modified);
  if (records === '') return own;
  const content = Buffer.from(records);
  return Buffer.concat([
    block('pax/header', content.length, 'x', modified),
    content,
    tarPadding(content.length),
    own,
  ]);
}

/** Zeros up to the next block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** Two blocks of zeros. */
export const tarEnd = Buffer.alloc(2 * BLOCK);

function block(name: string, size: number, type: string, modified: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100, 'latin1');
  header.write(octal(0o644, 7), 100, 'latin1');
  header.write(octal(0, 7) + octal(0, 7), 108, 'latin1');
  header.write(octal(size, 11), 124, 'latin1');
  header.write(octal(Math.min(Math.max(0, Math.floor(modified / 1_000)), OCTAL_SIZE), 11), 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
