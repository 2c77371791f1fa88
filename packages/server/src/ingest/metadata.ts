import { getHashes } from 'node:crypto';
import { BundleFault } from './bundle-fault.ts';
import { metadataEntries } from './metadata-entries.ts';

/** A file as the metadata lists it. */
export interface DeclaredFile {
  /** Where its member stands in the tar (`data/a/b/foo.txt`), NFC; see {@link memberPath}. */
  readonly path: string;
  /** Bytes; undefined if the metadata does not say. */
  readonly size: number | undefined;
  /** As it is called there, for messages. */
  readonly hashType: string | undefined;
  /** What `createHash` calls it; undefined if the platform does not know it. */
  readonly algorithm: string | undefined;
  /** Hex, in lower case, without prefix. */
  readonly hashSum: string | undefined;
  readonly mimeType: string | undefined;
  /** Of a move: where the file is on the server. */
  readonly source: string | undefined;
}

/** What `metadata.txt` says (contracts/pacifica.md). */
export interface BundleMetadata {
  readonly submitter: string | undefined;
  readonly project: string | undefined;
  readonly instrument: string | undefined;
  /** What it says besides, in the order of the document. A key may come again. */
  readonly keyValues: readonly { readonly key: string; readonly value: string }[];
  /** By {@link DeclaredFile.path}. */
  readonly files: ReadonlyMap<string, DeclaredFile>;
  /** What is wrong with it, though it can be read: a reason for {@link checkPolicy} to refuse it. */
  readonly faults: readonly BundleFault[];
}

/** Where the metadata stands in the tar. */
export const METADATA_PATH = 'metadata.txt';

interface Draft {
  facts: Map<string, string>;
  keyValues: { key: string; value: string }[];
  files: Map<string, DeclaredFile>;
  faults: BundleFault[];
}

/** Faults that are kept; whoever has so many mends them by a script. */
const MOST_FAULTS = 20;

/**
 * Reads a `metadata.txt`. Throws {@link BundleFault} in `load metadata` for what cannot be read; what can be read but not
 * taken in is among its `faults`, because it fails in a later task.
 */
export function parseMetadata(bytes: Uint8Array): BundleMetadata {
  const draft: Draft = { facts: new Map(), keyValues: [], files: new Map(), faults: [] };
  let index = 0;
  for (const entry of metadataEntries(bytes)) addEntry(draft, entry, index++);
  const { facts, keyValues, files, faults } = draft;
  return {
    submitter: facts.get('submitter'),
    // Older documents say proposal.
    project: facts.get('project') ?? facts.get('proposal'),
    instrument: facts.get('instrument'),
    keyValues,
    files,
    faults,
  };
}

function addEntry(draft: Draft, entry: unknown, index: number): void {
  if (!isObject(entry) || typeof entry['destinationTable'] !== 'string')
    throw new BundleFault(
      'load metadata',
      'metadata_wrong_shape',
      `Entry ${index + 1} of metadata.txt is no object with a destinationTable.`,
    );
  const table = entry['destinationTable'];
  if (table === 'Files') addFile(draft, entry, index);
  else if (table === 'TransactionKeyValue') addKeyValue(draft, entry, index);
  else if (table.startsWith('Transactions.')) addFact(draft, table, entry['value']);
}

function addFact({ facts, faults }: Draft, table: string, value: unknown): void {
  const name = table.slice('Transactions.'.length);
  const text = plain(value);
  if (text === undefined) return;
  const before = facts.get(name);
  if (before !== undefined && before !== text)
    addFault(faults, 'metadata_contradicts', `metadata.txt says ${table} twice: ${before} and ${text}.`);
  facts.set(name, text);
}

function addKeyValue({ keyValues, faults }: Draft, entry: Entry, index: number): void {
  const key = plain(entry['key']);
  if (key === undefined) addFault(faults, 'key_missing', `Entry ${index + 1} of metadata.txt has no key.`);
  else keyValues.push({ key, value: plain(entry['value']) ?? '' });
}

function addFile({ files, faults }: Draft, entry: Entry, index: number): void {
  const name = entry['name'];
  const subdir = entry['subdir'] ?? '';
  if (typeof name !== 'string' || typeof subdir !== 'string') {
    addFault(faults, 'file_name_malformed', `The file of entry ${index + 1} of metadata.txt has no name.`);
    return;
  }
  const path = memberPath(subdir, name);
  const malformed = nameFault(subdir, name);
  if (malformed !== undefined)
    addFault(faults, 'file_name_malformed', `The file name ${JSON.stringify(path)} ${malformed}.`);
  else if (files.has(path)) addFault(faults, 'file_listed_twice', `metadata.txt lists ${path} twice.`);
  else files.set(path, { path, ...detailsOf(entry) });
}

function detailsOf(entry: Entry): Omit<DeclaredFile, 'path'> {
  const sum = typeof entry['hashsum'] === 'string' ? entry['hashsum'].trim() : undefined;
  // Its kind may stand before it, or before it alone.
  const [, prefix, hex] = /^(?:([^:]*):)?(.*)$/s.exec(sum ?? '') ?? [];
  const hashType = plain(entry['hashtype']) ?? prefix;
  return {
    size: sizeOf(entry['size']),
    hashType,
    algorithm: hashType === undefined ? undefined : hashAlgorithm(hashType),
    hashSum: hex?.toLowerCase() || undefined,
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
  const parts = subdir.split('/').filter((part) => part !== '' && part !== '.');
  if (parts[0] === 'data') parts.shift();
  return ['data', ...parts, name].join('/').normalize('NFC');
}

function nameFault(subdir: string, name: string): string | undefined {
  if (name === '' || name.endsWith('/')) return 'is empty';
  const parts = [...subdir.split('/'), ...name.split('/')];
  if (parts.includes('..') || name.split('/').some((part) => part === '' || part === '.'))
    return 'leads elsewhere';
  return parts.some((part) => part.includes('\0')) ? 'has a NUL in it' : undefined;
}

/** Python's names of hashes that are called otherwise here. */
const otherwise: Readonly<Record<string, string>> = { blake2b: 'blake2b512', blake2s: 'blake2s256' };
const known = new Map(getHashes().map((name) => [name.toLowerCase(), name]));

/** What `createHash` calls a hash; undefined if the platform does not know it. Case, `-` and `_` make no difference. */
export function hashAlgorithm(hashType: string): string | undefined {
  const name = hashType.trim().toLowerCase();
  const dashed = name.replaceAll('_', '-');
  const candidates = [otherwise[name] ?? name, dashed, name.replace(/^(sha|md)[-_]/, '$1')];
  return candidates.map((each) => known.get(each)).find((found) => found !== undefined);
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

type Entry = Readonly<Record<string, unknown>>;

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

function addFault(faults: BundleFault[], rule: string, message: string): void {
  if (faults.length < MOST_FAULTS) faults.push(new BundleFault('Policy Validation', rule, message));
}
