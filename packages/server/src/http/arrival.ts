import type { FastifyInstance } from 'fastify';
import { answerClientError } from './client-errors.ts';

/** How long a request may take to arrive, milliseconds. */
const ARRIVAL = 60_000;

/**
 * Gives up bodies that do not arrive within a minute; of routes that take bytes only what still comes when they have answered:
 * these come as long as they come, and have a minimum rate of their own. (Headers are limited by Node.)
 */
export function limitArrival(server: FastifyInstance, milliseconds: number = ARRIVAL): void {
  server.addHook('onRequest', ({ raw, id, routeOptions }, reply, done) => {
    const { headers } = raw;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    const limit = () => {
      if (raw.complete) return;
      const late = setTimeout(() => {
        if (reply.raw.headersSent) raw.socket.destroy();
        else answerClientError(id, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }, raw.socket);
      }, milliseconds).unref();
      raw.once('end', () => clearTimeout(late));
      raw.once('close', () => clearTimeout(late));
    };
    if (routeOptions.config.bytes === true) reply.raw.once('finish', limit);
    else if (hasBody && headers['content-length'] !== '0') limit();
    done();
  });
}
