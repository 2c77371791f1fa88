import { createServer, type ServerResponse } from 'node:http';

/** The limit that we are held against: a server that writes what it is sent to every open stream, and does nothing else. */
const streams = new Set<ServerResponse>();
const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    streams.add(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
    return;
  }
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  for (const stream of streams) stream.write(`event: event\ndata: ${body}\n\n`);
  response.writeHead(201).end('{}');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
