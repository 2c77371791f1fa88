import { type TarFile, tarEnd, tarHeader, tarPadding } from './tar-writing.ts';

/** A file of a bundle that is being made. */
export interface PlannedFile extends TarFile {
  /** Under `data/`: `a/b/foo.txt`. */
  readonly path: string;
  readonly mimeType: string;
}

/** What a bundle says of itself besides its files (contracts/pacifica.md). */
export interface BundleDescription {
  readonly submitter: string;
  readonly project: string;
  readonly instrument: string;
  readonly keyValues: readonly { readonly key: string; readonly value: string }[];
}

/** A stretch of the tar: bytes that are known, the content of a file, or the metadata, which is known when all was read. */
export type BundlePart =
  | { readonly kind: 'bytes'; readonly from: number; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly from: number; readonly size: number; readonly index: number }
  | { readonly kind: 'metadata'; readonly from: number; readonly size: number };

/** SHA-256 in hexadecimal, of which only the length counts before it is known. */
const UNKNOWN = '0'.repeat(64);
const text = new TextEncoder();

/**
 * The tar of a bundle before any of its files was read: `data/…` first and `metadata.txt`, which names their hashes, last. So
 * a bundle is sent while its files are read, once, and its sender can go on at any byte.
 */
export class BundlePlan {
  readonly files: readonly PlannedFile[];
  /** Bytes of the whole tar. */
  readonly size: number;
  readonly #entries: readonly unknown[];
  readonly #madeAt: number;
  readonly #metadataSize: number;

  /** `entries`: the metadata besides the files, see {@link describingEntries}. `madeAt`: seconds since 1970. */
  constructor(entries: readonly unknown[], files: readonly PlannedFile[], madeAt: number) {
    this.#entries = entries;
    this.#madeAt = madeAt;
    this.files = files;
    this.#metadataSize = this.#metadata(() => UNKNOWN).length;
    let size = 0;
    for (const part of this.parts()) size = part.from + sizeOf(part);
    this.size = size;
  }

  /** From the first byte to the last, or from the part that holds the byte `from`. */
  *parts(from = 0): Generator<BundlePart, void> {
    let at = 0;
    for (const part of this.#all()) {
      const placed = { ...part, from: at } as BundlePart;
      at += sizeOf(placed);
      if (at > from) yield placed;
    }
  }

  /** `metadata.txt`, once the SHA-256 of every file is known (hexadecimal, in the order of the files). */
  metadata(hashes: readonly string[]): Uint8Array {
    return this.#metadata((index) => hashes[index] ?? UNKNOWN);
  }

  *#all(): Generator<DistributiveOmit<BundlePart, 'from'>, void> {
    for (const [index, file] of this.files.entries()) {
      yield { kind: 'bytes', bytes: tarHeader({ ...file, path: `data/${file.path}` }) };
      if (file.size > 0) yield { kind: 'file', size: file.size, index };
      yield* padding(file.size);
    }
    const size = this.#metadataSize;
    yield { kind: 'bytes', bytes: tarHeader({ path: 'metadata.txt', size, modifiedAt: this.#madeAt }) };
    yield { kind: 'metadata', size };
    yield* padding(size);
    yield { kind: 'bytes', bytes: tarEnd };
  }

  #metadata(hashOf: (index: number) => string): Uint8Array {
    const lines = this.#entries.map((entry) => JSON.stringify(entry));
    for (const [index, file] of this.files.entries())
      lines.push(JSON.stringify(fileEntry(file, hashOf(index))));
    return text.encode(`[\n${lines.join(',\n')}\n]\n`);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function sizeOf(part: BundlePart): number {
  return part.kind === 'bytes' ? part.bytes.length : part.size;
}

function* padding(size: number): Generator<{ kind: 'bytes'; bytes: Uint8Array }, void> {
  const length = tarPadding(size);
  if (length > 0) yield { kind: 'bytes', bytes: new Uint8Array(length) };
}

/** What describes a bundle, as entries of its metadata. */
export function describingEntries({
  submitter,
  project,
  instrument,
  keyValues,
}: BundleDescription): unknown[] {
  return [
    { destinationTable: 'Transactions.submitter', value: submitter },
    { destinationTable: 'Transactions.project', value: project },
    { destinationTable: 'Transactions.instrument', value: instrument },
    ...keyValues.map(({ key, value }) => ({ destinationTable: 'TransactionKeyValue', key, value })),
  ];
}

function fileEntry({ path, size, mimeType, modifiedAt }: PlannedFile, hashsum: string): unknown {
  const slash = path.lastIndexOf('/');
  const time = new Date(modifiedAt * 1_000).toISOString();
  return {
    destinationTable: 'Files',
    name: path.slice(slash + 1),
    subdir: `data/${path.slice(0, slash + 1)}`,
    size,
    hashtype: 'sha256',
    hashsum,
    mimetype: mimeType,
    mtime: time,
    ctime: time,
  };
}
