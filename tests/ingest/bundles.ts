import { createHash } from 'node:crypto';
import { tarEnd, tarHeader, tarPadding } from '@daybook/core';

/** A file of a bundle that a test makes. */
export interface TestFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** A tar of these members, in this order. */
export function tarOf(members: readonly TestFile[], end: Uint8Array = tarEnd): Buffer<ArrayBuffer> {
  const parts = members.flatMap(({ path, content }) => {
    const bytes = Buffer.from(content);
    const head = tarHeader({ path, size: bytes.length, modifiedAt: 1_700_000_000 });
    return [head, bytes, Buffer.alloc(tarPadding(bytes.length))];
  });
  return Buffer.concat([...parts, end]);
}

export const about = [
  { destinationTable: 'Transactions.submitter', value: 10 },
  { destinationTable: 'Transactions.project', value: '1234a' },
  { destinationTable: 'Transactions.instrument', value: 54 },
  { destinationTable: 'TransactionKeyValue', key: 'Temp C', value: '27' },
];

/** An entry of the metadata for a file; `more` says otherwise. */
export function entryOf({ path, content }: TestFile, more: object = {}): object {
  const parts = path.split('/');
  const bytes = Buffer.from(content);
  return {
    destinationTable: 'Files',
    name: parts.at(-1),
    subdir: `${parts.slice(0, -1).join('/')}/`,
    size: bytes.length,
    hashtype: 'sha1',
    hashsum: createHash('sha1').update(bytes).digest('hex'),
    mimetype: 'text/plain',
    mtime: 'Tue Nov 29 14:09:05 PST 2016',
    ctime: 'Tue Nov 29 14:09:05 PST 2016',
    ...more,
  };
}

export const metadataFile = (entries: unknown): TestFile => ({
  path: 'metadata.txt',
  content: typeof entries === 'string' ? entries : JSON.stringify(entries),
});

/** A good bundle: `metadata.txt` first, or last as most uploaders send it. */
export function goodBundle(
  files: readonly TestFile[],
  { first = false, facts = about as unknown[] } = {},
): Buffer<ArrayBuffer> {
  const metadata = metadataFile([...facts, ...files.map((file) => entryOf(file))]);
  return tarOf(first ? [metadata, ...files] : [...files, metadata]);
}
