import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DaybookError } from '@daybook/core';
import type { Logger } from 'pino';
import type { Answer } from '../route.ts';
import { byteRange } from './byte-range.ts';
import type { ObjectKey, ObjectStore } from './object-store.ts';

/** Types that a browser may show by itself; everything else is bytes to it. */
const shown = new Set([
  'text/plain',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/json',
]);

export interface SentBytes {
  readonly key: ObjectKey;
  /** Where they stand in the object. */
  readonly offset: number;
  readonly size: number;
  readonly fileName: string;
  readonly type: string;
  readonly etag?: string;
}

/** Answers with bytes of the archive, also with a part of them; a browser saves them and never takes them for a page. */
export function sendBytes(
  { objects, log }: { objects: ObjectStore; log: Logger },
  headers: IncomingHttpHeaders,
  { key, offset, size, fileName, type, etag }: SentBytes,
): Answer {
  // Another object's part must not be put behind this one's (RFC 9110 §13.1.5).
  const condition = headers['if-range'];
  const range = condition === undefined || condition === etag ? byteRange(headers.range, size) : undefined;
  if (range === 'unsatisfiable')
    throw new DaybookError('range_not_satisfiable', `There are ${size} bytes.`, { extra: { size } });
  const { from, to } = range ?? { from: 0, to: size };
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...downloadHeaders(fileName, type),
      'accept-ranges': 'bytes',
      'content-length': String(to - from),
      ...(etag !== undefined && { etag }),
      ...(range !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${size}` }),
    },
    stream: (out) => pump(out, objects.read(key, offset + from, offset + to), log),
  };
}

export function downloadHeaders(fileName: string, type: string): Record<string, string> {
  return {
    'content-type': shown.has(type) ? type : 'application/octet-stream',
    'content-disposition': disposition(fileName),
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
  };
}

/** RFC 6266: a plain name for old clients, the whole one encoded. */
function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%;]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/** The answer has begun: what fails now can only be cut off, so that nobody takes a part for the whole. */
export function pump(out: ServerResponse, pieces: AsyncIterable<Uint8Array>, log: Logger): void {
  pipeline(Readable.from(pieces, { objectMode: false, highWaterMark: 256 * 1024 }), out).catch(
    (error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ERR_STREAM_PREMATURE_CLOSE')
        log.warn({ err: error }, 'bytes of the archive could not be sent whole');
      out.destroy();
    },
  );
}
