import { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerClientError } from './client-errors.ts';

/** How long a request may take to arrive, milliseconds. */
const ARRIVAL = 60_000;
/** How often it is looked who is late, within that time. */
const LOOKS = 20;

interface Arriving {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly since: number;
}

/**
 * Gives up bodies that do not arrive within a minute; of routes that take bytes only what still comes when they have answered:
 * these come as long as they come, and have a minimum rate of their own. (Headers are limited by Node.)
 */
export function limitArrival(server: FastifyInstance, milliseconds: number = ARRIVAL): void {
  // The last request of each connection, not a timer for each request: this runs for every event.
  const connections = new Map<Socket, Arriving>();
  const watch = (request: FastifyRequest, reply: FastifyReply) => {
    const { socket } = request.raw;
    // One that is handed in (`inject`) does not arrive.
    if (!(socket instanceof Socket)) return;
    if (!connections.has(socket)) socket.once('close', () => connections.delete(socket));
    connections.set(socket, { request, reply, since: performance.now() });
  };
  const looking = setInterval(() => {
    const due = performance.now() - milliseconds;
    for (const each of connections.values()) if (each.since < due) giveUp(each);
  }, milliseconds / LOOKS).unref();
  server.addHook('onClose', (_server, done) => {
    clearInterval(looking);
    done();
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.bytes === true)
      reply.raw.once('finish', () => {
        if (!request.raw.complete) watch(request, reply);
      });
    else watch(request, reply);
    done();
  });
}

function giveUp({ request: { raw, id }, reply }: Arriving): void {
  if (raw.complete) return;
  if (reply.raw.headersSent) raw.socket.destroy();
  else answerClientError(id, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }, raw.socket);
}
