import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

/** The peer: tus' own server, which receives into a folder (the argument) and does no more. */
const tus = new Server({
  path: '/files',
  datastore: new FileStore({ directory: process.argv[2] as string }),
});
const server = createServer((request, response) => void tus.handle(request, response));
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
