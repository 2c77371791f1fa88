import { DaybookError } from '@daybook/core';
import type { FastifyInstance } from 'fastify';
import type { Route } from '../route.ts';

const methods = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
] as const satisfies readonly Route['method'][];

/**
 * An address that exists, asked with a method that it does not take: 405 and `Allow` (RFC 9110 §15.5.6). Refused before
 * the body is read; which addresses there are is no secret.
 */
export function refuseOtherMethods(server: FastifyInstance, routes: readonly Route[]): void {
  for (const [path, those] of Map.groupBy(routes, (route) => route.path)) {
    const taken = methods.filter((method) => those.some((route) => route.method === method));
    const others = methods.filter((method) => !taken.includes(method));
    if (others.length === 0) continue;
    const allow = taken.join(', ');
    server.route({
      method: others,
      url: path,
      onRequest(request, reply, done) {
        reply.header('allow', allow);
        done(new DaybookError('method_not_allowed', `This address takes ${allow}, not ${request.method}.`));
      },
      handler: () => undefined,
    });
  }
}
