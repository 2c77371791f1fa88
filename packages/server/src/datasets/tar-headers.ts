import type { DatasetMember, MemberType } from '@daybook/core';

/**
 * Reads the headers of a tar and nothing of its data: from one header to the next by the size of what lies between.
 * Knows POSIX ustar and pax, GNU's long names, big sizes and sparse files (POSIX.1-2017 `pax`, "ustar interchange
 * format"; GNU tar manual, "Basic Tar Format").
 */

/** Bytes at a position; fewer only where the file ends. */
export type ReadAt = (length: number, position: number) => Promise<Buffer>;

/** The file is no tar, or not all of one. */
export class BrokenTarError extends Error {
  override readonly name = 'BrokenTarError';
}

const BLOCK = 512;
/** Long names and pax records, bytes: a path has 4,096 at most, and little else is in there. */
const LONGEST_EXTENSION = 1024 * 1024;
const LONGEST_PATH = 4_096;

/** What an extension header says of the member that follows it. */
interface Extension {
  path?: string;
  size?: number;
}

/**
 * Tells `visit` of every member, in order. Answers `cut` when there are more than `most` headers, of which the rest is
 * not read.
 *
 * @throws BrokenTarError
 */
export async function walkTar(
  read: ReadAt,
  size: number,
  most: number,
  visit: (member: DatasetMember) => void,
): Promise<'whole' | 'cut'> {
  if (size === 0) throw new BrokenTarError('the file is empty');
  let extension: Extension = {};
  for (let position = 0, headers = 0; position < size; headers++) {
    if (headers === most) return 'cut';
    const header = await readBlock(read, position);
    if (isZero(header)) return 'whole';
    if (!isHeader(header)) throw new BrokenTarError(`there is no header at byte ${position}`);
    position += BLOCK;
    const flag = String.fromCharCode(header[156] as number);
    const stored = numberIn(header.subarray(124, 136));
    if (isExtension(flag)) {
      if (position + stored > size) throw new BrokenTarError('it ends within a header');
      extension = { ...extension, ...(await readExtension(read, position, stored, flag)) };
      position += padded(stored);
      continue;
    }
    if (flag === 'S') position = await afterSparseMap(read, position, header);
    const member = memberOf(header, flag, extension, stored);
    const data = hasData(flag) ? member.size : 0;
    if (position + data > size) throw new BrokenTarError('it ends within a member');
    visit(member);
    position += padded(data);
    extension = {};
  }
  return 'whole';
}

async function readBlock(read: ReadAt, position: number): Promise<Buffer> {
  const block = await read(BLOCK, position);
  if (block.length < BLOCK) throw new BrokenTarError('it ends within a header');
  return block;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** The sum of all bytes, those of the sum itself as blanks; some old programs took bytes as signed. */
function isHeader(header: Buffer): boolean {
  const told = Number.parseInt(textIn(header.subarray(148, 156)).trim(), 8);
  let [unsigned, signed] = [0, 0];
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : (header[at] as number);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return told === unsigned || told === signed;
}

/** Octal digits, or GNU's binary numbers, which begin with the highest bit. */
function numberIn(field: Buffer): number {
  const first = field[0] as number;
  if (first < 0x80) {
    const digits = textIn(field).trim();
    if (!/^[0-7]*$/.test(digits)) throw new BrokenTarError(`${JSON.stringify(digits)} is no size`);
    return digits === '' ? 0 : Number.parseInt(digits, 8);
  }
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x7f);
  if (!Number.isSafeInteger(value)) throw new BrokenTarError('a size is out of bounds');
  return value;
}

function textIn(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** pax records of the next member (`x`, Sun's `X`) or of all (`g`), GNU's long name (`L`) and long link (`K`). */
function isExtension(flag: string): boolean {
  return 'xXgLK'.includes(flag);
}

async function readExtension(read: ReadAt, position: number, size: number, flag: string): Promise<Extension> {
  if (flag === 'g' || flag === 'K') return {};
  if (size > LONGEST_EXTENSION) throw new BrokenTarError('a header is too large');
  const content = await read(size, position);
  if (content.length < size) throw new BrokenTarError('it ends within a header');
  return flag === 'L' ? { path: textIn(content) } : paxOf(content);
}

/** Records are `LENGTH KEY=VALUE\n`, the length that of the whole record in bytes. */
function paxOf(content: Buffer): Extension {
  const extension: Extension = {};
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, Math.max(blank, at)));
    const end = at + length;
    if (!Number.isInteger(length) || blank < 0 || end <= blank || content[end - 1] !== 0x0a)
      throw new BrokenTarError('a pax record is malformed');
    const record = content.toString('utf8', blank + 1, end - 1);
    const key = record.slice(0, Math.max(record.indexOf('='), 0));
    const value = record.slice(key.length + 1);
    if (key === 'path' || key === 'GNU.sparse.name') extension.path = value;
    if (key === 'size') extension.size = paxSize(value);
    at = end;
  }
  return extension;
}

function paxSize(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size))
    throw new BrokenTarError(`${JSON.stringify(text.slice(0, 40))} is no size`);
  return size;
}

/** The map of an old GNU sparse file goes on in further blocks while each says so. */
async function afterSparseMap(read: ReadAt, position: number, header: Buffer): Promise<number> {
  let goesOn = header[482] === 1;
  let at = position;
  while (goesOn) {
    goesOn = (await readBlock(read, at))[504] === 1;
    at += BLOCK;
  }
  return at;
}

function memberOf(header: Buffer, flag: string, extension: Extension, stored: number): DatasetMember {
  const raw = extension.path ?? pathIn(header);
  if (raw.length > LONGEST_PATH) throw new BrokenTarError('a path is too long');
  const path = raw.replace(/^(?:\.\/+)+/, '').replace(/(?<=.)\/+$/, '');
  return { path, size: extension.size ?? stored, type: typeOf(flag, raw) };
}

/** ustar splits long paths in two; GNU keeps other things where the first half would be. */
function pathIn(header: Buffer): string {
  const name = textIn(header.subarray(0, 100));
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textIn(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function typeOf(flag: string, path: string): MemberType {
  switch (flag) {
    case '\0':
    case '0':
    case '7':
    case 'S':
      return path.endsWith('/') ? 'directory' : 'file';
    case '1':
    case '2':
      return 'link';
    case '5':
      return 'directory';
    default:
      return 'other';
  }
}

/** Links, devices, folders and pipes have none, whatever their size says. */
function hasData(flag: string): boolean {
  return !'123456'.includes(flag);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
