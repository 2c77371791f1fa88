import { DaybookError, type ErrorCode } from '@daybook/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect, Route } from '../route.ts';
import { refusalHeaders } from './rate-limit.ts';
import { answerHeaders } from './security.ts';

/** Fastify's own refusals in the words of our catalogue. */
const translated: Record<string, { code: ErrorCode; detail: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'payload_too_large',
    detail: 'The body is larger than this address takes.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    detail: 'Send JSON as application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid_request', detail: 'Content-Length and body differ.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_request', detail: 'This request needs a JSON body.' },
  FST_ERR_BAD_URL: { code: 'invalid_request', detail: 'The address cannot be read.' },
};

/** Sends an error as whoever asks at its address knows them. */
export type SendError = (request: FastifyRequest, reply: FastifyReply, error: DaybookError) => void;

/**
 * Errors leave as problem+json with a code; those of a dialect's addresses, also of ones that do not exist there, as its
 * clients know them.
 */
export function sendErrors(routes: readonly Route[]): SendError {
  const dialects = new Map<string, Dialect>();
  for (const { path, dialect } of routes) if (dialect !== undefined) dialects.set(firstPart(path), dialect);
  return (request, reply, error) => {
    const dialect = dialects.get(firstPart(request.url));
    if (dialect === undefined) return sendProblem(request, reply, error);
    const { status, body } = dialect.answerError(error);
    reply.headers(refusalHeaders(error)).code(status).type('application/json; charset=utf-8');
    reply.send(JSON.stringify(body));
  };
}

/** `jobs` of `/jobs/17?x=1`. */
function firstPart(url: string): string {
  return /^\/*([^/?#]*)/.exec(url)?.[1] ?? '';
}

/** Bodies that are read to their end and thrown away although they were refused, bytes. */
const THROWN_AWAY = 64 * 1024 * 1024;

/**
 * Whoever still sends a body hears nothing of an answer before it when the connection is closed under it (EPIPE), and whatever
 * it asks next over the connection waits behind bytes that nobody reads. So a body that is not absurd may go on to its end, and
 * is thrown away; how long that may take is limited (`limitArrival`).
 */
function hearOut({ raw, headers }: FastifyRequest, reply: FastifyReply): void {
  if (raw.complete || headers.connection?.toLowerCase() === 'close') return;
  if (Number(headers['content-length']) <= THROWN_AWAY) reply.removeHeader('connection');
  let thrown = 0;
  raw.on('data', ({ length }: Uint8Array) => {
    thrown += length;
    if (thrown > THROWN_AWAY) raw.socket.destroy();
  });
  raw.resume();
}

/** Every error leaves in the form of its address; what is ours to mend is logged, never shown. */
export function answerErrors(server: FastifyInstance, send: SendError): void {
  server.setErrorHandler((error, request, reply) => {
    hearOut(request, reply);
    const known = knownError(error);
    if (known === undefined || known.status >= 500)
      request.log.error({ err: error, requestId: request.id }, 'request failed');
    send(
      request,
      reply,
      known ?? new DaybookError('internal', 'Nothing is known to be stored. The log has more.'),
    );
  });
  server.setNotFoundHandler((request, reply) => {
    send(request, reply, new DaybookError('not_found', `There is nothing at ${pathOf(request.url)}.`));
  });
}

/** Of addresses that cannot be read: no hook runs for them. */
export function sendFrameworkErrors(send: SendError) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers({ ...answerHeaders, 'x-request-id': request.id });
    send(request, reply, knownError(error) ?? new DaybookError('internal'));
  };
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: DaybookError): void {
  reply.headers(refusalHeaders(error));
  if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="Daybook"');
  reply
    .code(error.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(error.toProblem(request.id)));
}

function knownError(error: unknown): DaybookError | undefined {
  if (error instanceof DaybookError) return error;
  const { code = '', statusCode } = error as FastifyError;
  const known = translated[code];
  if (known !== undefined) return new DaybookError(known.code, known.detail);
  if (isOutOfReach(code) || LOST.test((error as Error).message))
    return new DaybookError('unavailable', 'The database cannot be reached. Try again.', { cause: error });
  if (code === '57014')
    return new DaybookError(
      'query_timeout',
      'This took too long and was stopped. Narrow the filters and try again.',
    );
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new DaybookError('invalid_request', (error as Error).message);
  return undefined;
}

/** What pg says, without a code, of connections that break, are broken, or did not come free in time. */
const LOST =
  /^(timeout exceeded when trying to connect$|Connection terminated|Client (has encountered a connection error|was closed) and is not queryable$)/;

/** Sockets that fail, and PostgreSQL's classes 08 (connection), 53 (resources) and 57P (shutdown). */
function isOutOfReach(code: string): boolean {
  return /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|08|53|57P)/.test(code);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return (query < 0 ? url : url.slice(0, query)).slice(0, 200);
}
