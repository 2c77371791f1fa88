import { limits } from '@daybook/core';
import { BundleFault } from './bundle-fault.ts';
import { metadataEntries } from './metadata-entries.ts';
import type { ListedFile } from './reception.ts';

/** A file as the metadata lists it. */
export interface DeclaredFile extends ListedFile {
  /** Of a move: where the file is on the server. */
  readonly source: string | undefined;
}

/** What `metadata.txt` says of its bundle as a whole (contracts/pacifica.md). */
export interface BundleMetadata {
  readonly submitter: string | undefined;
  readonly project: string | undefined;
  readonly instrument: string | undefined;
  /** What it says besides, in the order of the document. A key may come again. */
  readonly keyValues: readonly { readonly key: string; readonly value: string }[];
  /** All entries that are no files, as they were given. */
  readonly entries: readonly unknown[];
  /** How many files it lists, and how many bytes they have by its own account. */
  readonly files: number;
  readonly bytes: number;
  /** The files themselves, some hundred at once, where it was asked to keep them. */
  readonly listed: readonly (readonly DeclaredFile[])[] | undefined;
  /** What is wrong with it, though it can be read: each with the task that it fails in. */
  readonly faults: readonly BundleFault[];
}

interface Draft {
  readonly facts: Map<string, string>;
  readonly keyValues: { key: string; value: string }[];
  readonly entries: unknown[];
  readonly faults: BundleFault[];
  files: number;
  bytes: number;
  readonly listed: DeclaredFile[][] | undefined;
  /** The last one that was found well-formed: most files have that of the one before. */
  mimeType: string | undefined;
}

/** Where the metadata stands in the tar. */
export const METADATA_PATH = 'metadata.txt';
/** Faults that are kept; whoever has so many mends them by a script. */
const MOST_FAULTS = 20;
/** Files that are told at once. */
const AT_ONCE = 500;

/** The bytes of a document, in any pieces. */
type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
type Entry = Readonly<Record<string, unknown>>;

/**
 * Reads what a `metadata.txt` says of its bundle as a whole. Throws {@link BundleFault} in `load metadata` for what cannot
 * be read; what can be read but not taken in is among its `faults`, because it fails in a later task. `keepsFiles`: of a
 * document that is no more than what is in memory anyway, so that it need not be read again.
 */
export async function readMetadata(chunks: Chunks, { keepsFiles = false } = {}): Promise<BundleMetadata> {
  const draft: Draft = {
    facts: new Map(),
    keyValues: [],
    entries: [],
    faults: [],
    files: 0,
    bytes: 0,
    listed: keepsFiles ? [] : undefined,
    mimeType: undefined,
  };
  let number = 0;
  let room: number = limits.jsonBytes;
  for await (const values of metadataEntries(chunks))
    for (const value of values) {
      const entry = entryOf(value, ++number);
      if (entry['destinationTable'] === 'Files') {
        addFile(draft, entry, number);
        continue;
      }
      room -= JSON.stringify(entry).length;
      if (room < 0) throw saysTooMuch();
      addEntry(draft, entry, number);
    }
  const { facts, keyValues, entries, faults, files, bytes, listed } = draft;
  return {
    keyValues,
    entries,
    faults,
    files,
    bytes,
    listed,
    submitter: facts.get('submitter'),
    // Older documents say proposal.
    project: facts.get('project') ?? facts.get('proposal'),
    instrument: facts.get('instrument'),
  };
}

/** The files that a `metadata.txt` lists, in their order, some hundred at once. Throws like {@link readMetadata}. */
export async function* listedFiles(chunks: Chunks): AsyncGenerator<readonly DeclaredFile[], void> {
  let number = 0;
  let files: DeclaredFile[] = [];
  for await (const values of metadataEntries(chunks))
    for (const value of values) {
      const entry = entryOf(value, ++number);
      if (entry['destinationTable'] !== 'Files') continue;
      files.push(declaredFile(entry));
      if (files.length < AT_ONCE) continue;
      yield files;
      files = [];
    }
  if (files.length > 0) yield files;
}

function entryOf(value: unknown, number: number): Entry {
  if (isObject(value) && typeof value['destinationTable'] === 'string') return value;
  throw new BundleFault(
    'load metadata',
    'metadata-wrong-shape',
    `Entry ${number} of metadata.txt is no object with a destinationTable.`,
  );
}

function saysTooMuch(): BundleFault {
  return new BundleFault(
    'load metadata',
    'metadata-too-large',
    `metadata.txt says more than ${limits.jsonBytes / 1024} KiB besides its files.`,
  );
}

function addEntry(draft: Draft, entry: Entry, number: number): void {
  const table = String(entry['destinationTable']);
  draft.entries.push(entry);
  if (table === 'TransactionKeyValue') addKeyValue(draft, entry, number);
  else if (table.startsWith('Transactions.')) addFact(draft, table, entry['value']);
}

function addFact({ facts, faults }: Draft, table: string, value: unknown): void {
  const name = table.slice('Transactions.'.length);
  const text = plain(value);
  if (text === undefined) return;
  const before = facts.get(name);
  if (before !== undefined && before !== text)
    addFault(faults, 'metadata-contradicts', `metadata.txt says ${table} twice: ${before} and ${text}.`);
  facts.set(name, text);
}

function addKeyValue({ keyValues, faults }: Draft, entry: Entry, number: number): void {
  const key = plain(entry['key']);
  if (key === undefined) addFault(faults, 'key-missing', `Entry ${number} of metadata.txt has no key.`);
  else keyValues.push({ key, value: plain(entry['value']) ?? '' });
}

function addFile(draft: Draft, entry: Entry, number: number): void {
  const { faults } = draft;
  draft.files++;
  const { name, subdir = '' } = entry;
  const isNamed = typeof name === 'string' && typeof subdir === 'string';
  const malformed = isNamed ? nameFault(subdir, name) : 'is missing';
  if (malformed !== undefined) {
    const which = isNamed ? ` ${JSON.stringify(`${subdir}/${name}`.slice(0, 500))}` : '';
    const message = `The file name${which} in entry ${number} of metadata.txt ${malformed}.`;
    addFault(faults, 'file-name-malformed', message);
    return;
  }
  const size = sizeOf(entry['size']);
  draft.bytes += size !== undefined && size >= 0 ? size : 0;
  if (draft.listed !== undefined) keepFile(draft.listed, declaredFile(entry));
  const mimeType = plain(entry['mimetype']);
  if (mimeType === undefined || mimeType === draft.mimeType) return;
  if (isMimeType(mimeType)) {
    draft.mimeType = mimeType;
    return;
  }
  const { path } = declaredFile(entry);
  const message = `The mime type ${JSON.stringify(mimeType.slice(0, 200))} of ${path} is not well-formed.`;
  addFault(faults, 'mime-type-malformed', message, 'ingest metadata');
}

function keepFile(listed: DeclaredFile[][], file: DeclaredFile): void {
  const last = listed.at(-1);
  if (last !== undefined && last.length < AT_ONCE) last.push(file);
  else listed.push([file]);
}

function declaredFile(entry: Entry): DeclaredFile {
  const sum = typeof entry['hashsum'] === 'string' ? entry['hashsum'].trim() : '';
  // Its kind may stand before it, also before it alone.
  const colon = sum.indexOf(':');
  return {
    path: memberPath(String(entry['subdir'] ?? ''), String(entry['name'])),
    size: sizeOf(entry['size']),
    hashType: plain(entry['hashtype']) ?? plain(sum.slice(0, Math.max(colon, 0))),
    hash: sum.slice(colon + 1).toLowerCase() || undefined,
    mimeType: plain(entry['mimetype']),
    source: typeof entry['source'] === 'string' ? entry['source'] : undefined,
  };
}

/**
 * The path of a file's member: `data`, the cleaned `subdir`, the name. `subdir` comes with and without `data/`, with
 * doubled and trailing slashes. NFC, because the same name is written in two ways (macOS decomposes).
 *
 * @example memberPath('data//a/b/', 'foo.txt') // 'data/a/b/foo.txt'
 * @example memberPath('a/b', 'foo.txt') // 'data/a/b/foo.txt'
 */
export function memberPath(subdir: string, name: string): string {
  const path = `${folderOf(subdir).path}/${name}`;
  return ASCII.test(path) ? path : path.normalize('NFC');
}

/** Has one Unicode form only. */
const ASCII = /^[ -~]*$/;

interface Folder {
  /** With `data`, cleaned. */
  readonly path: string;
  readonly climbs: boolean;
  readonly hasNul: boolean;
}

/** What was asked for last: files follow one another folder by folder, and a million have few. */
let lastSubdir = '';
let lastFolder: Folder = { path: 'data', climbs: false, hasNul: false };

function folderOf(subdir: string): Folder {
  if (subdir === lastSubdir) return lastFolder;
  const parts = subdir.split('/').filter((part) => part !== '' && part !== '.');
  const hasNul = subdir.includes('\0');
  const climbs = parts.includes('..');
  if (parts[0] === 'data') parts.shift();
  lastSubdir = subdir;
  lastFolder = { path: ['data', ...parts].join('/'), climbs, hasNul };
  return lastFolder;
}

function nameFault(subdir: string, name: string): string | undefined {
  if (name === '' || name.endsWith('/')) return 'is empty';
  const { climbs, hasNul } = folderOf(subdir);
  if (climbs || name.split('/').some((part) => part === '' || part === '.' || part === '..'))
    return 'leads elsewhere';
  return hasNul || name.includes('\0') ? 'has a NUL in it' : undefined;
}

/** True for `type/subtype`, with parameters or without (RFC 6838 §4.2, RFC 9110 §8.3.1). */
export function isMimeType(text: string): boolean {
  return MIME_TYPE.test(text);
}

const restricted = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}';
const token = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
const MIME_TYPE = new RegExp(
  `^${restricted}/${restricted}(?:\\s*;\\s*${token}=(?:${token}|"[^"\\\\\\x00-\\x1f]*"))*$`,
);

function isObject(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text, or a number as text; nothing for what is neither, or blank. */
function plain(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}

/** Older uploaders write sizes as text. What is no size differs from every one. */
function sizeOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'number' || /^\d{1,15}$/.test(String(value)) ? Number(value) : Number.NaN;
}

function addFault(
  faults: BundleFault[],
  rule: string,
  message: string,
  task: BundleFault['task'] = 'Policy Validation',
): void {
  if (faults.length < MOST_FAULTS) faults.push(new BundleFault(task, rule, message));
}
