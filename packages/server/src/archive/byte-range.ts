/** Bytes [from, to) that a request asks for. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The one range of a `Range` header (RFC 9110 §14): `undefined` for none, or for what a server may ignore (other units, several
 * ranges, nonsense); `'unsatisfiable'` when it begins behind the end.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const from = Math.max(0, size - Number(last));
    return from < size ? { from, to: size } : 'unsatisfiable';
  }
  const from = Number(first);
  const to = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < from) return undefined;
  return from < size ? { from, to } : 'unsatisfiable';
}
