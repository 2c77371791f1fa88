/** Makes tars byte by byte, also such as no program writes. */

export interface MadeMember {
  readonly path: string;
  readonly content?: string | Buffer;
  /** Its type flag; `0`, a file, when left out. */
  readonly flag?: string;
  /** What the header says instead of the length of the content. */
  readonly size?: number;
  readonly prefix?: string;
}

const BLOCK = 512;

export function tarBytes(members: readonly MadeMember[], end = true): Buffer {
  const parts = members.flatMap((member) => {
    const content = Buffer.from(member.content ?? '');
    return [headerBytes(member, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))];
  });
  return Buffer.concat([...parts, Buffer.alloc(end ? 2 * BLOCK : 0)]);
}

export function headerBytes({ path, flag = '0', size, prefix }: MadeMember, length: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0, 100, 'utf8');
  header.write('0000644\0', 100, 'latin1');
  header.write(`${(size ?? length).toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136, 'latin1');
  header.write(flag, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  if (prefix !== undefined) header.write(prefix, 345, 155, 'utf8');
  return withSum(header);
}

export function withSum(header: Buffer): Buffer {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** A pax record with its own length in front. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
