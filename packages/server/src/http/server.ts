import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { DaybookError, limits } from '@daybook/core';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Route } from '../route.ts';
import { limitArrival } from './arrival.ts';
import { parseBody, parseForm } from './body.ts';
import { answerClientError } from './client-errors.ts';
import { refuseOtherCodings } from './codings.ts';
import { refuseOtherMethods } from './other-methods.ts';
import { answerErrors, sendErrors, sendFrameworkErrors } from './problems.ts';
import { type Authenticate, registerRoute } from './register.ts';
import { type Site, securityHook } from './security.ts';

const FORM = 'application/x-www-form-urlencoded';

/** A request that was answered, for the log and the metrics. */
export interface Answered {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  /** The pattern of the route (`/api/v1/jobs/:id`). */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly ip: string;
  readonly actor: string | undefined;
  readonly stream: boolean;
}

export interface ServerParts {
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  readonly site: Site;
  readonly trustedProxies: readonly string[];
  readonly log: Logger;
  requestId(request: { headers: IncomingHttpHeaders }): string;
  onAnswer(answered: Answered): void;
}

/** The HTTP server of the routes, not yet listening. */
export function buildServer(parts: ServerParts): FastifyInstance {
  const sendError = sendErrors(parts.routes);
  const server = fastify({
    bodyLimit: limits.bodyBytes,
    // Node's knows no exceptions, and bytes may come for hours; see limitArrival.
    requestTimeout: 0,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.name * 3 },
    trustProxy: parts.trustedProxies.length > 0 ? [...parts.trustedProxies] : false,
    // A request without a host is refused like one with a foreign host, in our words.
    http: { requireHostHeader: false },
    frameworkErrors: sendFrameworkErrors(sendError),
    clientErrorHandler: (error, socket) =>
      answerClientError(parts.requestId({ headers: {} }), error, socket as Socket),
    genReqId: (request) => parts.requestId(request),
    loggerInstance: parts.log.child({}, { level: 'warn' }),
    // We write our own line per request, and few of them; a logger per request would cost every event.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (log) => log,
  }) as unknown as FastifyInstance;
  const secure = securityHook(parts.site);
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    secure(request, reply, done);
  });
  limitArrival(server);
  server.addHook('onResponse', (request, reply, done) => {
    parts.onAnswer({
      id: request.id,
      method: request.method,
      url: request.url,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: reply.elapsedTime,
      ip: request.ip,
      actor: request.actor?.label,
      // How long these take says how much came or went, not how fast we are.
      stream:
        request.routeOptions.config.bytes === true ||
        (reply.getHeader('content-type')?.toString().startsWith('text/event-stream') ?? false),
    });
    done();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      refuseOtherCodings(request);
      done(null, parseBody(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  server.addContentTypeParser(FORM, { parseAs: 'buffer' }, (request, bytes, done) => {
    // A page of any other site can send forms: only where one is expected is it read.
    if (request.routeOptions.config.form) done(null, parseForm(bytes as Buffer));
    else done(new DaybookError('unsupported_media_type', 'Send JSON as application/json.'));
  });
  answerErrors(server, sendError);
  for (const route of parts.routes) registerRoute(server, route, parts.authenticate);
  refuseOtherMethods(server, parts.routes);
  return server;
}
