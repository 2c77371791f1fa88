import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { requestIds } from '../../observe/log.ts';
import type { Route } from '../../route.ts';
import type { Authenticate } from '../register.ts';
import { buildServer } from '../server.ts';

/** The server as it is built for people, for routes alone: to be asked by `inject`, as `localhost`. */
export function testServer(routes: readonly Route[], authenticate: Authenticate): FastifyInstance {
  return buildServer({
    routes,
    authenticate,
    site: { host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] },
    trustedProxies: [],
    log: pino({ level: 'silent' }),
    requestId: requestIds(),
    onAnswer() {},
  });
}
