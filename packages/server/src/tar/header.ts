import { TarFault } from './tar-fault.ts';

/*
 * One header block of 512 bytes (POSIX.1-2017 `pax`, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"). What
 * GNU tar and Python's tarfile would read differently is refused.
 */

export const BLOCK = 512;

/** Where the fields of a header stand: [from, to). */
const field = {
  name: [0, 100],
  mode: [100, 108],
  user: [108, 116],
  group: [116, 124],
  size: [124, 136],
  modified: [136, 148],
  checksum: [148, 156],
  magic: [257, 265],
  major: [329, 337],
  minor: [337, 345],
  prefix: [345, 500],
} as const;
/** Numbers that are nothing to us, but readers end where one is none. Those of devices may be blank. */
const otherNumbers = ['mode', 'user', 'group', 'modified', 'major', 'minor'] as const;
const TYPE = 156;

/** Largest size that eleven octal digits can say: beyond it writers of pax leave 0 in the header. */
export const OCTAL_MAX = 0o77777777777;

export interface Header {
  /** One character: `0` a file, `5` a folder, `x` and `g` pax records, `L` a long name, … */
  readonly type: string;
  /** The name's bytes, both halves of ustar joined. */
  readonly name: Buffer;
  readonly size: number;
  readonly mode: number;
  /** Seconds since 1970; null if there is none. */
  readonly modified: number | null;
}

/** True for a block of zeros. */
export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** The sum of all bytes, those of the sum itself as blanks; some old programs took bytes as signed. */
export function hasChecksum(block: Buffer, at: number): boolean {
  const told = octal(block, at + field.checksum[0], at + field.checksum[1]);
  let sum = 8 * 0x20;
  for (let i = at; i < at + field.checksum[0]; i++) sum += block[i] as number;
  for (let i = at + field.checksum[1]; i < at + BLOCK; i++) sum += block[i] as number;
  return told === sum || told === sum - 256 * highBytes(block, at);
}

/** How many bytes count as negative to those old programs. */
function highBytes(block: Buffer, at: number): number {
  let high = 0;
  for (let i = at; i < at + BLOCK; i++) high += (block[i] as number) >> 7;
  for (let i = at + field.checksum[0]; i < at + field.checksum[1]; i++) high -= (block[i] as number) >> 7;
  return high;
}

/**
 * Reads a header whose checksum was right. `position` is that of the block in the tar.
 *
 * @throws TarFault
 */
export function readHeader(block: Buffer, at: number, position: number): Header {
  for (const name of otherNumbers) checkNumber(block, at, position, name);
  const type = block[at + TYPE] === 0 ? '0' : String.fromCharCode(block[at + TYPE] as number);
  return {
    type,
    name: nameOf(block, at, position, formatOf(block, at, position), type),
    size: sizeOf(block, at, position),
    mode: octal(block, at + field.mode[0], at + field.mode[1]) ?? 0,
    modified: numberOf(block, at + field.modified[0], at + field.modified[1]) ?? null,
  };
}

const USTAR = Buffer.from('ustar\0');
const GNU = Buffer.from('ustar  \0');

function formatOf(block: Buffer, at: number, position: number): 'ustar' | 'gnu' | 'old' {
  const [from, to] = [at + field.magic[0], at + field.magic[1]];
  if (startsWith(block, from, USTAR)) return 'ustar';
  if (startsWith(block, from, GNU)) return 'gnu';
  if (isZero(block, from, to)) return 'old';
  throw new TarFault('unknown-format', position);
}

function startsWith(block: Buffer, from: number, text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) if (block[from + i] !== text[i]) return false;
  return true;
}

function nameOf(block: Buffer, at: number, position: number, format: string, type: string): Buffer {
  const name = textOf(block, at + field.name[0], at + field.name[1]);
  const [from, to] = field.prefix;
  if (block[at + from] === 0 && (format === 'ustar' || isZero(block, at + from, at + to))) return name;
  // Old GNU headers of incremental dumps keep times there, sparse files their map; Python reads it as half a name.
  if (format !== 'ustar') throw new TarFault(type === 'S' ? 'sparse' : 'ambiguous-prefix', position);
  const prefix = textOf(block, at + from, at + to);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

/** Up to the first NUL. */
function textOf(block: Buffer, from: number, to: number): Buffer {
  let end = from;
  while (end < to && block[end] !== 0) end++;
  return block.subarray(from, end);
}

function sizeOf(block: Buffer, at: number, position: number): number {
  const size = numberOf(block, at + field.size[0], at + field.size[1]);
  if (size === undefined) throw new TarFault('number-malformed', position, 'the size is no number');
  if (size < 0) throw new TarFault('number-malformed', position, 'the size is negative');
  if (!Number.isSafeInteger(size)) throw new TarFault('size-too-large', position);
  return size;
}

function checkNumber(block: Buffer, at: number, position: number, name: (typeof otherNumbers)[number]): void {
  const [from, to] = field[name];
  const first = block[at + from] as number;
  const isTime = name === 'modified';
  const fits =
    first < 0x80
      ? octal(block, at + from, at + to) !== undefined ||
        isZero(block, at + from, at + to) ||
        ((name === 'major' || name === 'minor') && isBlank(block, at + from, at + to))
      : first === 0x80 || (isTime && first === 0xff);
  if (!fits) throw new TarFault('number-malformed', position, `the field \`${name}\` is no number`);
}

function isBlank(block: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (block[at] !== 0 && block[at] !== 0x20) return false;
  return true;
}

/** Octal digits, or GNU's binary numbers, whose first byte is 0x80 (0xff for negative ones); undefined for neither. */
function numberOf(block: Buffer, from: number, to: number): number | undefined {
  const first = block[from] as number;
  if (first < 0x80) return octal(block, from, to);
  if (first === 0xff) return -1;
  if (first !== 0x80) return undefined;
  let value = 0;
  for (let at = from + 1; at < to; at++) value = value * 256 + (block[at] as number);
  return value;
}

/** Blanks, digits, then blanks or NULs to the end; undefined for anything else, also for no digit at all. */
function octal(block: Buffer, from: number, to: number): number | undefined {
  let at = from;
  while (at < to && block[at] === 0x20) at++;
  const begin = at;
  let value = 0;
  for (; at < to; at++) {
    const digit = (block[at] as number) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  if (at === begin) return undefined;
  for (; at < to; at++) if (block[at] !== 0 && block[at] !== 0x20) return undefined;
  return value;
}
