import type { Fault } from '@daybook/core';
import type { FastifyRequest } from 'fastify';
import type { Route } from '../route.ts';

const name = 'idempotency-key';

/**
 * What is wrong with a request that has the header Idempotency-Key: it promises that a retry does nothing, so it is refused
 * where nobody heeds it. Methods that are idempotent by themselves keep the promise; clients of dialects were promised nothing.
 */
export function idempotencyFaults(route: Route, { raw }: FastifyRequest): Fault[] {
  if (raw.headers[name] === undefined) return [];
  if (route.idempotencyKey === 'taken') return given(raw.rawHeaders) > 1 ? [fault('must be given once')] : [];
  const repeats = route.method === 'POST' || route.method === 'PATCH';
  if (route.dialect !== undefined || !repeats) return [];
  const instead = route.idempotencyKey?.instead ?? 'leave it out, and look before you ask again';
  return [fault(`is not taken here: ${instead}`)];
}

function fault(message: string): Fault {
  return { path: 'Idempotency-Key', message };
}

/** Node joins several into one text. */
function given(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((each, i) => i % 2 === 0 && each.toLowerCase() === name).length;
}
