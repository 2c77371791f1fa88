import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { DaybookError } from '@daybook/core';

/*
 * The tus resumable upload protocol 1.0.0 with its extensions creation, checksum, termination and expiration
 * (https://tus.io/protocols/resumable-upload).
 */

export const tusVersion = '1.0.0';
export const tusExtensions = 'creation,checksum,termination,expiration';
/** Of Node's hashes those that clients know; sha1 is the one that everybody must. */
export const checksumAlgorithms = ['sha1', 'sha256', 'sha512', 'md5'];
/** A chunk with a checksum is held until it is known to be whole, bytes. */
export const LARGEST_CHECKED = 32 * 1024 * 1024;
/** What Upload-Metadata may hold, characters. */
const LONGEST_METADATA = 8_192;

/** What every answer has. */
export const tusHeaders: Readonly<Record<string, string>> = {
  'tus-resumable': tusVersion,
  'cache-control': 'no-store',
};

/** Throws `tus_version` for a client of another version. */
export function expectTus(headers: IncomingHttpHeaders): void {
  if (headers['tus-resumable'] !== tusVersion)
    throw new DaybookError('tus_version', `Send Tus-Resumable: ${tusVersion}.`, {
      extra: { versions: [tusVersion] },
    });
}

/** A header that is a number of bytes. Throws `invalid_request`. */
export function bytesHeader(headers: IncomingHttpHeaders, name: string): number {
  const text = headers[name.toLowerCase()];
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text);
  throw new DaybookError('invalid_request', `${name} must be a number of bytes.`);
}

/** `Upload-Metadata: name BASE64,flag`, as an object. Throws `invalid_request`. */
export function uploadMetadata(header: string | string[] | undefined): Record<string, string> {
  const text = String(header ?? '').trim();
  if (text.length > LONGEST_METADATA)
    throw new DaybookError('invalid_request', 'Upload-Metadata is longer than 8 KiB.');
  if (text === '') return {};
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', value = ''] = pair.trim().split(/ +/);
      if (name === '')
        throw new DaybookError('invalid_request', 'Upload-Metadata has a value without a name.');
      return [name, Buffer.from(value, 'base64').toString('utf8').toWellFormed().replaceAll('\0', '')];
    }),
  );
}

/** What a chunk must hash to. */
export interface Checksum {
  readonly algorithm: string;
  readonly digest: Buffer;
}

/** `Upload-Checksum: sha1 BASE64`; undefined if there is none. Throws `invalid_request` for an algorithm that is not known. */
export function checksumHeader(headers: IncomingHttpHeaders): Checksum | undefined {
  const text = headers['upload-checksum'];
  if (text === undefined) return undefined;
  const [algorithm = '', digest = ''] = String(text).trim().split(/ +/);
  if (!checksumAlgorithms.includes(algorithm))
    throw new DaybookError('invalid_request', `Upload-Checksum takes ${checksumAlgorithms.join(', ')}.`);
  return { algorithm, digest: Buffer.from(digest, 'base64') };
}

/** A chunk that is known to be whole before any of it counts. Throws `checksum_differs`, `payload_too_large`. */
export async function checkedChunk(
  chunks: AsyncIterable<Uint8Array>,
  { algorithm, digest }: Checksum,
): Promise<Uint8Array[]> {
  const kept: Uint8Array[] = [];
  const hash = createHash(algorithm);
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > LARGEST_CHECKED)
      throw new DaybookError('payload_too_large', 'A chunk with a checksum has at most 32 MiB.');
    hash.update(chunk);
    // Each is good until the next comes.
    kept.push(Buffer.from(chunk));
  }
  const found = hash.digest();
  if (found.length === digest.length && timingSafeEqual(found, digest)) return kept;
  throw new DaybookError('checksum_differs');
}
