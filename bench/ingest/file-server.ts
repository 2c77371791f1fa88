import { createReadStream, createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Gives files of a folder (the argument) and takes them by PUT, as the old archive interface does. */
const folder = process.argv[2] as string;
const server = createServer(async (request, response) => {
  const path = join(folder, request.url?.slice(1) ?? '');
  if (request.method === 'PUT') {
    await pipeline(request, createWriteStream(path));
    response.end('{"total_bytes": "0"}');
  } else await pipeline(createReadStream(path), response);
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
