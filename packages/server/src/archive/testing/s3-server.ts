import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Store } from '../s3-store.ts';

interface Rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
  httpServer: Server;
}

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface S3Server {
  readonly endpoint: string;
  readonly requests: WireRequest[];
  /** The bucket `archive` below a prefix. */
  store(prefix: string): S3Store;
  close(): Promise<void>;
}

/** A real S3 server, in this process; it takes any checksum, so tests read back, and look at the wire. */
export async function startS3(): Promise<S3Server> {
  const Rver = createRequire(import.meta.url)('@20minutes/s3rver') as new (options: object) => Rver;
  const directory = mkdtempSync(join(tmpdir(), 'daybook-s3-'));
  const rver = new Rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    // It reads signed queries without values differently than S3.
    allowMismatchedSignatures: true,
    directory,
    configureBuckets: [{ name: 'archive' }],
  });
  const { port } = await rver.run();
  const requests: WireRequest[] = [];
  rver.httpServer.prependListener('request', ({ method = '', url = '', headers }: IncomingMessage) => {
    requests.push({ method, url, headers });
  });
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    requests,
    store: (prefix) =>
      new S3Store(
        { bucket: 'archive', prefix },
        {
          endpoint,
          region: 'us-east-1',
          forcePathStyle: true,
          credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
        },
      ),
    async close() {
      rver.httpServer.closeAllConnections();
      await rver.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
