import { BLOCK, type Header, hasChecksum, isZero, OCTAL_MAX, readHeader } from './header.ts';
import { memberPath } from './member-path.ts';
import { decodeName, type Extension, readLongName, readPax } from './pax.ts';
import { TarFault, type TarRule, tarLimits } from './tar-fault.ts';

export interface TarMember {
  /** Cleaned: no `.` parts, no trailing slash. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  /** Byte of the tar at which its header stands (extension headers come before), and its content. */
  readonly headerAt: number;
  readonly dataAt: number;
  /** Bytes of content. */
  readonly size: number;
  /** Milliseconds since 1970, if it says so. */
  readonly modified: number | null;
  readonly mode: number;
}

/** Is told what a tar holds while its bytes pass: nothing is copied, so bytes are good only during the call. */
export interface TarVisitor {
  member(member: TarMember): void;
  /** A piece of the content of the last member. */
  content(bytes: Buffer): void;
  /** The content of the last member is complete. */
  memberEnd(): void;
  /** Everything that is no content: headers, padding, the end. */
  skeleton?(bytes: Buffer): void;
}

/** Where a parser stands, as JSON: it goes on in another process from there. */
export interface ParserState {
  readonly position: number;
  readonly phase: 'header' | 'extension' | 'content' | 'padding' | 'ending' | 'ended';
  /** Bytes of content, padding or extension that are still to come. */
  readonly remaining: number;
  readonly padding: number;
  readonly members: number;
  readonly globals: number;
  /** The beginning of a block or of an extension's content, base64. */
  readonly carry: string;
  readonly extensionType: string;
  readonly headerAt: number;
  readonly pax: Extension | null;
  readonly longName: string | null;
}

/** Beyond it a time is none that can be written down, seconds. */
const LATEST = 250_000_000_000;

const fresh: ParserState = {
  position: 0,
  phase: 'header',
  remaining: 0,
  padding: 0,
  members: 0,
  globals: 0,
  carry: '',
  extensionType: '',
  headerAt: 0,
  pax: null,
  longName: null,
};

/** Kinds of members that are refused, each with its rule; every other unknown one is `unknown-type`. */
const refused: Readonly<Record<string, TarRule>> = {
  '1': 'hard-link',
  '2': 'symbolic-link',
  '3': 'device',
  '4': 'device',
  '6': 'fifo',
  S: 'sparse',
  K: 'long-link',
};

/** Strict and incremental: takes a tar in pieces of any size, tells of what is in it, refuses what readers disagree on. */
export class TarParser {
  readonly #visitor: TarVisitor;
  #position: number;
  #phase: ParserState['phase'];
  #remaining: number;
  #padding: number;
  #members: number;
  #globals: number;
  /** Filled up to #filled while a block or an extension does not lie within one piece. */
  #carry: Buffer;
  #filled: number;
  /** Of the last extension header, until the member that it belongs to; a global one must have one, too. */
  #extensionType: string;
  #headerAt: number;
  #pax: Extension | null;
  #longName: string | null;

  constructor(visitor: TarVisitor, from: ParserState = fresh) {
    this.#visitor = visitor;
    this.#position = from.position;
    this.#phase = from.phase;
    this.#remaining = from.remaining;
    this.#padding = from.padding;
    this.#members = from.members;
    this.#globals = from.globals;
    const carry = Buffer.from(from.carry, 'base64');
    this.#carry = Buffer.alloc(Math.max(BLOCK, from.phase === 'extension' ? from.remaining : 0));
    carry.copy(this.#carry);
    this.#filled = carry.length;
    this.#extensionType = from.extensionType;
    this.#headerAt = from.headerAt;
    this.#pax = from.pax;
    this.#longName = from.longName;
  }

  get position(): number {
    return this.#position;
  }

  get members(): number {
    return this.#members;
  }

  /** Where it stands; what it was given so far is not needed again. */
  state(): ParserState {
    return {
      position: this.#position,
      phase: this.#phase,
      remaining: this.#remaining,
      padding: this.#padding,
      members: this.#members,
      globals: this.#globals,
      carry: this.#carry.toString('base64', 0, this.#filled),
      extensionType: this.#extensionType,
      headerAt: this.#headerAt,
      pax: this.#pax,
      longName: this.#longName,
    };
  }

  /** Takes the next bytes. Throws TarFault; of no use afterwards. */
  push(bytes: Buffer): void {
    if (this.#position + bytes.length > tarLimits.total) throw new TarFault('too-large', this.#position);
    for (let at = 0; at < bytes.length; ) {
      const taken = this.#step(bytes, at);
      this.#position += taken;
      at += taken;
    }
  }

  /** No more bytes come. Throws TarFault if that is too early. */
  end(): void {
    const { phase } = this.state();
    if (phase === 'ended') return;
    if (this.#position === 0) throw new TarFault('empty', 0);
    if (this.#headerAt === 0 && this.#members === 0 && phase === 'header' && this.#position < BLOCK)
      throw new TarFault(compressed(this.#carry) ? 'compressed' : 'not-a-tar', 0);
    const atBoundary = (phase === 'header' && this.#filled === 0) || phase === 'ending';
    const dangling = this.#pax !== null || this.#longName !== null;
    throw new TarFault(atBoundary ? (dangling ? 'dangling-header' : 'no-end') : 'truncated', this.#position);
  }

  /** Takes some bytes from `at` on; answers how many. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#phase) {
      case 'header':
      case 'ending':
        return this.#gather(bytes, at, BLOCK, (block, from) => this.#block(block, from));
      case 'extension':
        return this.#gather(bytes, at, this.#remaining, (content, from) =>
          this.#extension(content.subarray(from, from + this.#remaining)),
        );
      case 'content':
        return this.#content(bytes, at);
      case 'padding':
        return this.#skip(bytes, at);
      case 'ended':
        return this.#trail(bytes, at);
    }
  }

  /** Hands over `length` bytes when they are there, without copying where they lie in one piece. */
  #gather(bytes: Buffer, at: number, length: number, use: (bytes: Buffer, from: number) => void): number {
    if (this.#filled === 0 && bytes.length - at >= length) {
      this.#visitor.skeleton?.(bytes.subarray(at, at + length));
      use(bytes, at);
      return length;
    }
    const taken = Math.min(length - this.#filled, bytes.length - at);
    bytes.copy(this.#carry, this.#filled, at, at + taken);
    this.#filled += taken;
    this.#visitor.skeleton?.(bytes.subarray(at, at + taken));
    if (this.#filled === length) {
      this.#filled = 0;
      // The position is that after these bytes, for whoever uses them; here it is not yet.
      const before = this.#position;
      this.#position = before + taken - length;
      use(this.#carry, 0);
      this.#position = before;
    }
    return taken;
  }

  /** A whole block where a header may stand. */
  #block(block: Buffer, at: number): void {
    const zero = isZero(block, at, at + BLOCK);
    if (this.#phase === 'ending') {
      if (!zero) throw new TarFault('lone-zero-block', this.#position - BLOCK);
      this.#phase = 'ended';
      return;
    }
    if (zero) {
      if (this.#extensionType !== '') throw new TarFault('dangling-header', this.#position);
      this.#phase = 'ending';
      return;
    }
    if (!hasChecksum(block, at)) throw this.#noHeader(block.subarray(at, at + BLOCK));
    this.#header(readHeader(block, at, this.#position));
  }

  #noHeader(block: Buffer): TarFault {
    if (this.#position > 0) return new TarFault('bad-checksum', this.#position);
    return new TarFault(compressed(block) ? 'compressed' : 'not-a-tar', 0);
  }

  #header(header: Header): void {
    const { type, size } = header;
    this.#headerAt = this.#position;
    if (type === 'x' || type === 'g' || type === 'L') {
      this.#beginExtension(type, size);
      return;
    }
    const rule = refused[type];
    if (rule !== undefined) throw new TarFault(rule, this.#position, this.#named(rule, header));
    if (type !== '0' && type !== '5')
      throw new TarFault('unknown-type', this.#position, `a member is of type ${JSON.stringify(type)}`);
    this.#member(header, type === '5' ? 'directory' : 'file');
  }

  #beginExtension(type: string, size: number): void {
    const twice = (type === 'x' && this.#pax !== null) || (type === 'L' && this.#longName !== null);
    const between = type === 'g' && (this.#pax !== null || this.#longName !== null);
    if (twice || between) throw new TarFault('repeated-header', this.#position);
    if (size > tarLimits.extension) throw new TarFault('header-too-large', this.#position);
    if (type === 'g') this.#globals += size;
    if (this.#globals > tarLimits.extension) throw new TarFault('headers-too-large', this.#position);
    this.#extensionType = type;
    this.#remaining = size;
    this.#padding = paddingOf(size);
    if (size > this.#carry.length) this.#carry = Buffer.alloc(size);
    this.#phase = 'extension';
    if (size === 0) this.#extension(Buffer.alloc(0));
  }

  #extension(content: Buffer): void {
    const at = this.#headerAt;
    if (this.#extensionType === 'x') this.#pax = readPax(content, at, 'member');
    else if (this.#extensionType === 'g') readPax(content, at, 'global');
    else this.#longName = readLongName(content, at);
    if (this.#carry.length > 64 * 1024) this.#carry = Buffer.alloc(BLOCK);
    this.#remaining = this.#padding;
    this.#phase = this.#padding > 0 ? 'padding' : 'header';
  }

  #member(header: Header, kind: 'file' | 'directory'): void {
    const at = this.#position;
    const name = this.#nameOf(header);
    const size = this.#sizeOf(header);
    if (kind === 'file' && name.endsWith('/'))
      throw new TarFault(
        'file-named-as-directory',
        at,
        `the file ${JSON.stringify(name.slice(0, 200))} ends with a slash`,
      );
    if (kind === 'directory' && size > 0) throw new TarFault('directory-with-size', at);
    if (++this.#members > tarLimits.members) throw new TarFault('too-many-members', at);
    const seconds = this.#pax?.modified ?? header.modified;
    const modified = seconds === null || Math.abs(seconds) > LATEST ? null : Math.round(seconds * 1_000);
    const path = memberPath(name, at);
    this.#pax = null;
    this.#longName = null;
    this.#extensionType = '';
    this.#remaining = size;
    this.#padding = paddingOf(size);
    this.#phase = size > 0 ? 'content' : 'header';
    this.#visitor.member({ path, kind, headerAt: at, dataAt: at + BLOCK, size, modified, mode: header.mode });
    if (size === 0) this.#visitor.memberEnd();
  }

  #nameOf(header: Header): string {
    if (this.#pax?.path !== undefined && this.#longName !== null)
      throw new TarFault('name-conflict', this.#position);
    return this.#pax?.path ?? this.#longName ?? decodeName(header.name, this.#position);
  }

  /** Writers leave 0 in the header where its digits cannot say the size; anything else must say the same. */
  #sizeOf(header: Header): number {
    const told = this.#pax?.size;
    const size = told ?? header.size;
    if (told !== undefined && told !== header.size && !(header.size === 0 && told > OCTAL_MAX))
      throw new TarFault(
        'size-conflict',
        this.#position,
        `the header says ${header.size} bytes, its pax record ${told}`,
      );
    if (size > tarLimits.total) throw new TarFault('size-too-large', this.#position);
    return size;
  }

  #content(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#remaining, bytes.length - at);
    this.#visitor.content(bytes.subarray(at, at + taken));
    this.#remaining -= taken;
    if (this.#remaining === 0) {
      this.#remaining = this.#padding;
      this.#phase = this.#padding > 0 ? 'padding' : 'header';
      this.#visitor.memberEnd();
    }
    return taken;
  }

  #skip(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#remaining, bytes.length - at);
    this.#visitor.skeleton?.(bytes.subarray(at, at + taken));
    this.#remaining -= taken;
    if (this.#remaining === 0) this.#phase = 'header';
    return taken;
  }

  #trail(bytes: Buffer, at: number): number {
    if (!isZero(bytes, at, bytes.length)) throw new TarFault('bytes-after-end', this.#position);
    this.#visitor.skeleton?.(bytes.subarray(at));
    return bytes.length - at;
  }

  #named(rule: TarRule, { name }: Header): string {
    return `${JSON.stringify(this.#pax?.path ?? this.#longName ?? name.toString('utf8', 0, 200))} is a ${rule.replace('-', ' ')}`;
  }
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** By the first bytes of gzip, bzip2, xz, zstd and zip. */
function compressed(bytes: Buffer): boolean {
  return /^(1f8b|425a68|fd377a58|28b52ffd|504b0304)/.test(bytes.toString('hex', 0, 4));
}
