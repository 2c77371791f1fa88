import type { FastifyInstance } from 'fastify';
import { answerClientError } from './client-errors.ts';

/** How long a request may take to arrive, milliseconds. */
const ARRIVAL = 60_000;

/**
 * Gives up bodies that do not arrive within a minute, but not those of routes that take bytes: these come as long as they
 * come, and have a minimum rate of their own. (Headers are limited by Node.)
 */
export function limitArrival(server: FastifyInstance, milliseconds: number = ARRIVAL): void {
  server.addHook('onRequest', ({ raw, id, routeOptions }, reply, done) => {
    const { headers } = raw;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (hasBody && headers['content-length'] !== '0' && routeOptions.config.bytes !== true) {
      const late = setTimeout(() => {
        if (reply.raw.headersSent) raw.socket.destroy();
        else answerClientError(id, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }, raw.socket);
      }, milliseconds).unref();
      raw.once('end', () => clearTimeout(late));
      raw.once('close', () => clearTimeout(late));
    }
    done();
  });
}
