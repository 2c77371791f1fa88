import { TarFault } from './tar-fault.ts';

/** What the extension headers before a member say of it. */
export interface Extension {
  readonly path?: string;
  readonly size?: number;
  /** Seconds since 1970, with fractions. */
  readonly modified?: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** As POSIX names it, and GNU's and libarchive's word for names that are bytes: those that are UTF-8 are taken. */
const charsets = new Set(['ISO-IR 10646 2000 UTF-8', 'BINARY']);

/**
 * Reads pax records, `LENGTH KEY=VALUE\n` with the length that of the whole record in bytes (POSIX.1-2017 `pax`, "pax Header
 * File Format"). Of what they may say only what names and measures a member counts.
 *
 * @throws TarFault
 */
export function readPax(content: Buffer, position: number, scope: 'member' | 'global'): Extension {
  const found: { path?: string; size?: number; modified?: number } = {};
  for (let at = 0; at < content.length; ) {
    const { key, value, end } = recordAt(content, at, position);
    at = end;
    if (key === 'linkpath') throw new TarFault('pax-link', position);
    if (key.startsWith('GNU.sparse.')) throw new TarFault('sparse', position);
    if (/^(hdrcharset|charset)$/.test(key)) checkCharset(value, position);
    if (key === 'mtime' && scope === 'member') found.modified = modifiedOf(value, position);
    if (key !== 'path' && key !== 'size') continue;
    if (scope === 'global') throw new TarFault('global-name', position);
    if (found[key] !== undefined || value.length === 0) throw new TarFault('pax-repeated', position);
    if (key === 'path') found.path = decodeName(value, position);
    else found.size = sizeOf(value, position);
  }
  return found;
}

function recordAt(
  content: Buffer,
  at: number,
  position: number,
): { key: string; value: Buffer; end: number } {
  const blank = content.indexOf(0x20, at);
  const digits = content.toString('latin1', at, Math.min(blank < 0 ? at : blank, at + 10));
  const end = at + Number(digits);
  const equals = content.indexOf(0x3d, blank);
  const fits =
    /^[1-9]\d*$/.test(digits) &&
    digits.length === blank - at &&
    end <= content.length &&
    equals > blank + 1 &&
    equals < end - 1 &&
    content[end - 1] === 0x0a;
  const key = content.toString('latin1', blank + 1, equals);
  if (!fits || !/^[!-~]+$/.test(key)) throw new TarFault('pax-malformed', position);
  return {
    key,
    value: content.subarray(equals + 1, end - 1),
    end,
  };
}

function checkCharset(value: Buffer, position: number): void {
  const name = value.toString('latin1');
  if (!charsets.has(name))
    throw new TarFault(
      'pax-charset',
      position,
      `names are said to be in ${JSON.stringify(name.slice(0, 40))}`,
    );
}

function modifiedOf(value: Buffer, position: number): number {
  const text = value.toString('latin1');
  if (!/^-?\d{1,15}(\.\d*)?$/.test(text))
    throw new TarFault('number-malformed', position, 'mtime is no time');
  return Number(text);
}

function sizeOf(value: Buffer, position: number): number {
  const text = value.toString('latin1');
  if (!/^\d+$/.test(text)) throw new TarFault('number-malformed', position, 'a pax size is no number');
  const size = Number(text);
  if (!Number.isSafeInteger(size)) throw new TarFault('size-too-large', position);
  return size;
}

/** A long name of GNU tar: text that ends with a NUL. Throws TarFault. */
export function readLongName(content: Buffer, position: number): string {
  const end = content.indexOf(0);
  const name = end < 0 ? content : content.subarray(0, end);
  if (end >= 0 && content.subarray(end).some((byte) => byte !== 0))
    throw new TarFault('long-name-malformed', position);
  return decodeName(name, position);
}

/** Throws TarFault for a name that is not UTF-8, or has a NUL. */
export function decodeName(bytes: Buffer, position: number): string {
  let highest = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === 0) throw new TarFault('name-nul', position);
    highest |= byte;
  }
  // Most names are ASCII, and need no decoder.
  if (highest <= 127) return bytes.toString('latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    throw new TarFault(
      'name-not-utf8',
      position,
      `the name ${JSON.stringify(bytes.toString('latin1', 0, 200))} is not UTF-8`,
    );
  }
}
