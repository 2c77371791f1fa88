import { DaybookError, limits } from '@daybook/core';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { parseBody } from './http/body.ts';
import { openApiDocument } from './http/openapi.ts';
import { answerErrors } from './http/problems.ts';
import { type Authenticate, registerRoute } from './http/register.ts';
import { type Route, route } from './route.ts';

export function buildApp(parts: {
  routes: readonly Route[];
  authenticate: Authenticate;
  version: string;
  options: FastifyServerOptions;
}): FastifyInstance {
  const server = fastify({
    bodyLimit: limits.bodyBytes,
    routerOptions: { ignoreTrailingSlash: true, caseSensitive: true, maxParamLength: limits.name * 3 },
    ...parts.options,
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
  for (const each of parts.routes) registerRoute(server, each, parts.authenticate);
  return server;
}
