import { TarFault } from './tar-fault.ts';

/*
 * Which names a tar has had, as hashes in one flat table: 12 bytes a name, so that a million members need little. Two
 * different names of one 62-bit hash would be refused as one, once in 10^7 bundles of a million members.
 */

type Kind = 'file' | 'directory';

const IMPLIED = 0;
const DIRECTORY = 1;
const FILE = 2;
/** Words of an entry: both halves of the folded name's hash; 30 bits of the name's as it is written, and what it is + 1. */
const WIDTH = 3;
const KIND = 3;
/** How full it gets before it grows, and how much it does: twice as large would mostly be empty. */
const FULL = 0.75;
const GROWTH = 1.5;

/** State of three hashes over the beginning of a name. */
interface Prefix {
  readonly low: number;
  readonly high: number;
  readonly exact: number;
}
const start: Prefix = { low: 0x2545f491, high: 0x1b873593, exact: 0x9e3779b1 };

/** Names that were taken; refuses one that another system would hold for one of them. */
export class NameTable {
  #slots = 1_024;
  #words = new Uint32Array(this.#slots * WIDTH);
  #count = 0;
  /** The folder of the last name, whose ancestors were all looked at. */
  #folder = '';
  #prefix: Prefix = start;

  /** Takes the name of a member. Throws TarFault if it was taken, differs from another in case or Unicode form only, or needs a file as a folder. */
  add(path: string, kind: Kind, position: number): void {
    const folded = fold(path);
    const slash = path.lastIndexOf('/');
    const cut = folded.lastIndexOf('/');
    if (path.slice(0, slash + 1) !== this.#folder) this.#enter(path, folded, slash, position);
    const name = hash(this.#prefix, folded, cut + 1, path, slash + 1);
    this.#take(name, kind === 'file' ? FILE : DIRECTORY, path, position);
  }

  /** Takes the folders that lead to a name. */
  #enter(path: string, folded: string, slash: number, position: number): void {
    let prefix = start;
    let [at, foldedAt] = [0, 0];
    while (at <= slash) {
      const [end, foldedEnd] = [path.indexOf('/', at), folded.indexOf('/', foldedAt)];
      this.#take(
        hash(prefix, folded, foldedAt, path, at, foldedEnd, end),
        IMPLIED,
        path.slice(0, end),
        position,
      );
      prefix = hash(prefix, folded, foldedAt, path, at, foldedEnd + 1, end + 1);
      [at, foldedAt] = [end + 1, foldedEnd + 1];
    }
    this.#folder = path.slice(0, slash + 1);
    this.#prefix = prefix;
  }

  #take(name: Prefix, kind: number, path: string, position: number): void {
    const at = this.#find(name.low, name.high);
    const words = this.#words;
    const written = (name.exact & ~KIND) >>> 0;
    const entry = words[at + 2] as number;
    if (entry === 0) {
      words[at] = name.low;
      words[at + 1] = name.high;
      words[at + 2] = written + kind + 1;
      if (++this.#count > this.#slots * FULL) this.#grow();
      return;
    }
    const known = (entry & KIND) - 1;
    const told = JSON.stringify(path.slice(0, 200));
    if (entry - known - 1 !== written)
      throw new TarFault(
        'name-collision',
        position,
        `${told} differs from another name in case or Unicode form only`,
      );
    if ((known === FILE) !== (kind === FILE))
      throw new TarFault('file-and-directory', position, `${told} is a file and a folder`);
    if (kind === IMPLIED) return;
    if (known !== IMPLIED) throw new TarFault('duplicate-name', position, `${told} is there twice`);
    words[at + 2] = written + kind + 1;
  }

  /** Where a name stands, or would. */
  #find(low: number, high: number): number {
    const words = this.#words;
    const spread = (low ^ (high >>> 7)) >>> 0;
    for (let slot = Math.floor((spread * this.#slots) / 2 ** 32); ; slot++) {
      if (slot === this.#slots) slot = 0;
      const at = slot * WIDTH;
      if (words[at + 2] === 0 || (words[at] === low && words[at + 1] === high)) return at;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#slots = Math.ceil(this.#slots * GROWTH);
    const words = new Uint32Array(this.#slots * WIDTH);
    this.#words = words;
    for (let at = 0; at < old.length; at += WIDTH) {
      if (old[at + 2] === 0) continue;
      const to = this.#find(old[at] as number, old[at + 1] as number);
      for (let i = 0; i < WIDTH; i++) words[to + i] = old[at + i] as number;
    }
    giveBack(old);
  }

  /** Nothing is asked any more. */
  close(): void {
    giveBack(this.#words);
  }
}

/** At once: a thread's garbage collector sees a small heap, and comes late. */
function giveBack(words: Uint32Array<ArrayBuffer>): void {
  words.buffer.transfer(0);
}

/** One form for all names that a file system which ignores case or Unicode forms takes for one. */
function fold(path: string): string {
  if (isPlain(path)) return path.toLowerCase();
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Goes on from a prefix over a part of both forms of a name. */
function hash(
  { low, high, exact }: Prefix,
  folded: string,
  foldedFrom: number,
  path: string,
  from: number,
  foldedTo = folded.length,
  to = path.length,
): Prefix {
  let [a, b, c] = [low, high, exact];
  for (let i = foldedFrom; i < foldedTo; i++) {
    const code = folded.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul((b << 13) | (b >>> 19), 5) + 0xe6546b64 + Math.imul(code, 0xcc9e2d51);
  }
  for (let i = from; i < to; i++) {
    c = Math.imul(c ^ path.charCodeAt(i), 0x85ebca6b);
    c ^= c >>> 13;
  }
  return { low: a >>> 0, high: b >>> 0, exact: c >>> 0 };
}
