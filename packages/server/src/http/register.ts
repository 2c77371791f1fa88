import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { DaybookError, type Fault, faultsOf, limits, plainSentence, roleMay } from '@daybook/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Actor, nobodyActor } from '../actor.ts';
import type { Answer, Call, Route } from '../route.ts';
import { idempotencyFaults } from './idempotency-key.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the body is read, on every route that is not public. */
    actor: Actor;
  }
  interface FastifyContextConfig {
    access?: Route['access'];
    form?: boolean;
    bytes?: boolean;
  }
}

/** Finds out who asks; at once when it is known, and throws `unauthenticated` and its kin. */
export type Authenticate = (request: FastifyRequest) => Actor | Promise<Actor>;

/**
 * Puts a route on the server. The one mechanism for access: who asks is found out and asked for the permission before
 * the body is read.
 */
export function registerRoute(server: FastifyInstance, route: Route, authenticate: Authenticate): void {
  if (route.bytes === undefined) addRoute(server, route, authenticate);
  else
    server.register((scope, _options, done) => {
      // Its handler reads the body.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _body, ready) => ready(null));
      addRoute(scope, route, authenticate);
      done();
    });
}

function addRoute(server: FastifyInstance, route: Route, authenticate: Authenticate): void {
  server.route({
    method: route.method,
    url: route.path,
    config: { access: route.access, form: route.form ?? false, bytes: route.bytes !== undefined },
    // Whoever is not known yet gets little of our time.
    ...(route.access === 'public' && { bodyLimit: limits.publicBodyBytes }),
    ...(route.access !== 'public' && { onRequest: admission(route.access, ownWay(route) ?? authenticate) }),
    handler: (request, reply) => answer(route, request, reply),
  });
}

/** Of a route that describes none: a filter that is ignored would look like one that matches everything. */
const noQuery = z.strictObject({});

/** How a dialect finds out who asks, if it has a way of its own. */
function ownWay({ admit }: Route): Authenticate | undefined {
  if (admit === undefined) return undefined;
  return ({ headers, ip, socket }) => admit({ headers, ip, peer: socket.remoteAddress });
}

type Hook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;

function admission(access: Exclude<Route['access'], 'public'>, authenticate: Authenticate): Hook {
  const admit = (request: FastifyRequest, actor: Actor) => {
    if (!roleMay(actor.role, access))
      throw new DaybookError('forbidden', `The role ${actor.role} does not include ${access}.`);
    request.actor = actor;
  };
  // Without a promise when the key is known already: this runs for every event.
  return (request, _reply, done) => {
    try {
      const actor = authenticate(request);
      if (actor instanceof Promise) {
        actor.then((found) => admit(request, found)).then(() => done(), done);
        return;
      }
      admit(request, actor);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

async function answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const faults = idempotencyFaults(route, request);
  const params = checked(route.params, request.params, faults);
  const query = checked(route.query ?? noQuery, request.query, faults);
  const body = checked(route.body, bodyOf(route, request), faults);
  if (faults.length > 0) throw new DaybookError('invalid_request', undefined, { faults });
  // What was checked is a copy, and what waits for the disk is carried once.
  request.body = undefined;
  return send(reply, await route.handle(new AdmittedCall(request, reply, params, query, body)));
}

/**
 * A class and no literal: each literal with a getter in it gets a hidden class of its own, whose garbage kept the whole
 * request for the garbage collector's long rounds.
 */
class AdmittedCall implements Call {
  readonly actor: Actor;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
  readonly bytes: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: FastifyRequest, reply: FastifyReply, params: unknown, query: unknown, body: unknown) {
    this.actor = request.actor ?? nobodyActor;
    this.params = params;
    this.query = query;
    this.body = body;
    this.headers = request.headers;
    this.ip = request.ip;
    this.bytes = request.raw;
    this.#response = reply.raw;
  }

  /** Made only for who asks: a controller per request would cost every event. */
  get gone(): AbortSignal {
    return goneSignal(this.#response);
  }
}

/** Not Fastify's `request.signal`: that one fires as soon as a body has been read. */
function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function bodyOf(route: Route, request: FastifyRequest): unknown {
  if (route.body === undefined || (request.body === undefined && route.bodyOptional)) return undefined;
  if (request.body === undefined)
    throw new DaybookError('invalid_request', 'This request needs a JSON body.');
  return request.body;
}

function checked(schema: z.ZodType | undefined, value: unknown, faults: Fault[]): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value, { error: plainSentence });
  if (result.success) return result.data;
  faults.push(...faultsOf(result.error.issues));
  return undefined;
}

function send(reply: FastifyReply, { status = 200, headers, body, stream }: Answer): unknown {
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  if (stream !== undefined) {
    reply.hijack();
    reply.raw.writeHead(status, reply.getHeaders() as Record<string, string>);
    stream(reply.raw);
    return reply;
  }
  return reply.send(body);
}
