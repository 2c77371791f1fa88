import type { Socket } from 'node:net';
import { DaybookError } from '@daybook/core';
import { answerHeaders } from './security.ts';
import { STATUS_CODES } from './status-codes.ts';

/**
 * Answers what never became a request: no HTTP, headers without end, a request that does not arrive. Node knows only
 * the socket then, so the answer is written by hand, and the connection ends.
 */
export function answerClientError(requestId: string, error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answerText(refusalOf(error.code), requestId));
  socket.destroySoon();
}

function refusalOf(code: string | undefined): DaybookError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new DaybookError('headers_too_large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new DaybookError('request_timeout', 'The request took too long to arrive. Nothing was stored.');
    default:
      return new DaybookError('invalid_request', 'This is no HTTP that can be read.');
  }
}

function answerText(refusal: DaybookError, requestId: string): string {
  const body = JSON.stringify(refusal.toProblem(requestId));
  const headers = {
    ...answerHeaders,
    'x-request-id': requestId,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`;
}
