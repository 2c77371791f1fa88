/*
 * Writing tars, byte for byte the same each time: whoever knows names, sizes and times of all members knows where every byte
 * will stand, and can go on in the middle of it (POSIX.1-2017 `pax`, "ustar interchange format" and "pax extended header").
 */

/** A regular file of a tar. */
export interface TarFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
}

const BLOCK = 512;
const LONGEST_NAME = 100;
/** What eleven octal digits can say. */
const LARGEST = 8 * 1024 ** 3 - 1;
const ASCII = /^[\x20-\x7e]*$/;

const text = new TextEncoder();

/** The two blocks of zeros after the last member. */
export const tarEnd: Uint8Array = new Uint8Array(2 * BLOCK);

/** Zeros after a member of this size, bytes. */
export function tarPadding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/**
 * The header of a file: ustar, with a pax header before it for names that are long or not ASCII, and for 8 GiB or more.
 *
 * @example tarHeader({ path: 'data/a.txt', size: 4, modifiedAt: 1_700_000_000 }).length // 512
 */
export function tarHeader({ path, size, modifiedAt }: TarFile): Uint8Array {
  const records: string[] = [];
  if (path.length > LONGEST_NAME || !ASCII.test(path)) records.push(paxRecord('path', path));
  if (size > LARGEST) records.push(paxRecord('size', String(size)));
  const own = ustar({ path, size: Math.min(size, LARGEST), modifiedAt }, '0');
  if (records.length === 0) return own;
  const body = text.encode(records.join(''));
  const head = ustar({ path: 'PaxHeaders/member', size: body.length, modifiedAt }, 'x');
  return joined([head, body, new Uint8Array(tarPadding(body.length)), own]);
}

function ustar({ path, size, modifiedAt }: TarFile, type: '0' | 'x'): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (value: string, at: number) => block.set(text.encode(value), at);
  // Where a pax header has the name, this one is for those who cannot read it.
  block.set(text.encode(path).subarray(0, LONGEST_NAME), 0);
  put(octal(0o644, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(size, 11), 124);
  put(octal(Math.min(Math.max(0, Math.floor(modifiedAt)), LARGEST), 11), 136);
  put(' '.repeat(8), 148);
  put(type, 156);
  put('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = text.encode(rest).length;
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
