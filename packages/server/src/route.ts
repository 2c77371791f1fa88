import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { DaybookError, Permission } from '@daybook/core';
import type { z } from 'zod';
import type { Actor } from './actor.ts';

/**
 * A route of the HTTP surface as a value: rooms make them, `app.ts` registers them all in one way, and the OpenAPI
 * document is made from them. There is no route without `access`.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** With `:name` for parameters. */
  readonly path: string;
  /** The permission that it takes; `public` is for everybody, signed in or not. */
  readonly access: Permission | 'public';
  /** Says who asks where more than keys and sessions let one in; throws like {@link Route.handle}. */
  readonly admit?: (caller: Caller) => Actor | Promise<Actor>;
  /** The replaced system that it belongs to; the native API when left out. */
  readonly dialect?: Dialect;
  readonly summary: string;
  readonly description?: string;
  /** Group in the API page. */
  readonly group: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The body as the API page describes it, where the schema that checks it cannot be described. */
  readonly bodyDescription?: z.ZodType;
  /** The body is a form (`application/x-www-form-urlencoded`), as its clients send it; JSON is taken too. */
  readonly form?: boolean;
  /** A request without a body is fine. */
  readonly bodyOptional?: boolean;
  /**
   * The body is bytes of this media type, of any length: it is not read before the handler does ({@link Call.bytes}), and may
   * take as long as it goes on. Types of bodies are not checked: clients of dialects send any.
   */
  readonly bytes?: string;
  /**
   * `taken`: the handler heeds the header Idempotency-Key. Else what to do without it: where a retry would do its work twice,
   * a header that is ignored would look like a promise, so it is refused.
   */
  readonly idempotencyKey?: 'taken' | { readonly instead: string };
  /** Status → what is answered. Errors are the same for all routes and need no mention. */
  readonly answers: Readonly<Record<number, { description: string; schema?: z.ZodType; type?: string }>>;
  handle(call: Call): Promise<Answer> | Answer;
}

/** A request of which nobody knows yet who sends it. */
export interface Caller {
  readonly headers: IncomingHttpHeaders;
  /** Address of the peer, the forwarded one behind a trusted proxy. */
  readonly ip: string;
  /** Address at the other end of the connection: a proxy's, if there is one. */
  readonly peer: string | undefined;
}

/**
 * The HTTP surface of a replaced system (contracts/README.md). Errors of all addresses that share the first part of their
 * path with one of its routes leave in its own shape.
 */
export interface Dialect {
  readonly name: string;
  /** An error as its clients know it: status, and a body that is sent as JSON. */
  answerError(error: DaybookError): { readonly status: number; readonly body: unknown };
}

/** A request that was let in: who asks, and what, checked against the route's schemas. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly actor: Actor;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  /** Address of the peer, the forwarded one behind a trusted proxy. */
  readonly ip: string;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  /** The body of a route that takes {@link Route.bytes}, unread. */
  readonly bytes: IncomingMessage;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text with a `content-type` header is sent as it is. */
  readonly body?: unknown;
  /** Takes over the response: for streams. Called after the headers are sent. */
  readonly stream?: (out: ServerResponse) => void;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

interface TypedRoute<P, Q, B> extends Omit<Route, 'params' | 'query' | 'body' | 'handle'> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  handle(call: Call<Output<P>, Output<Q>, Output<B>>): Promise<Answer> | Answer;
}

/**
 * Makes a route whose handler knows the types of what it gets.
 *
 * @example
 * route({ method: 'GET', path: '/api/v1/jobs/:id', access: 'jobs.read', group: 'Jobs', summary: 'A job, whole',
 *   params: z.strictObject({ id: idParam }), answers: { 200: { description: 'The job', schema: jobSchema } },
 *   handle: async ({ actor, params }) => ({ body: await find(actor.scope, params.id) }) })
 */
export function route<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(definition: TypedRoute<P, Q, B>): Route {
  return definition as unknown as Route;
}
