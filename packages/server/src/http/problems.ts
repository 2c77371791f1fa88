import { DaybookError, type ErrorCode } from '@daybook/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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

/** Every error leaves as problem+json with a code; what is ours to mend is logged, never shown. */
export function answerErrors(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => {
    const known = knownError(error);
    if (known === undefined || known.status >= 500)
      request.log.error({ err: error, requestId: request.id }, 'request failed');
    sendProblem(
      request,
      reply,
      known ?? new DaybookError('internal', 'Nothing is known to be stored. The log has more.'),
    );
  });
  server.setNotFoundHandler((request, reply) => {
    sendProblem(request, reply, new DaybookError('not_found', `There is nothing at ${pathOf(request.url)}.`));
  });
}

/** Of addresses that cannot be read: no hook runs for them. */
export function sendFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ ...answerHeaders, 'x-request-id': request.id });
  sendProblem(request, reply, knownError(error) ?? new DaybookError('internal'));
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: DaybookError): void {
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
  if (isOutOfReach(code))
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

/** Sockets that fail, and PostgreSQL's classes 08 (connection), 53 (resources) and 57P (shutdown). */
function isOutOfReach(code: string): boolean {
  return /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|08|53|57P)/.test(code);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return (query < 0 ? url : url.slice(0, query)).slice(0, 200);
}
