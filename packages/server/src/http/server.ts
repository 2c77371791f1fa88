import { limits } from '@daybook/core';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Route } from '../route.ts';
import { parseBody } from './body.ts';
import { answerErrors } from './problems.ts';
import { type Authenticate, registerRoute } from './register.ts';

/** The HTTP server of the routes, not yet listening. */
export function buildServer(
  routes: readonly Route[],
  authenticate: Authenticate,
  options: FastifyServerOptions,
): FastifyInstance {
  const server = fastify({
    bodyLimit: limits.bodyBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.name * 3 },
    ...options,
  }) as FastifyInstance;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, parseBody(text as string));
    } catch (error) {
      done(error as Error);
    }
  });
  answerErrors(server);
  for (const route of routes) registerRoute(server, route, authenticate);
  return server;
}
