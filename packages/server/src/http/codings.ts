import { DaybookError } from '@daybook/core';
import type { FastifyRequest } from 'fastify';

/** ASCII is UTF-8, too. */
const READ = /^(utf-?8|us-ascii)$/i;

/**
 * JSON is read as it is, in UTF-8: whoever says that a body is something else would be told that it is broken, or be
 * misread. Clients of dialects may say of their ASCII what they always said.
 */
export function refuseOtherCodings({ headers, routeOptions }: FastifyRequest): void {
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity')
    throw new DaybookError(
      'unsupported_media_type',
      `Send the body as it is: Content-Encoding ${coding.slice(0, 50)} is not read here.`,
    );
  const type = headers['content-type'];
  if (type === 'application/json' || !routeOptions.url?.startsWith('/api/v1/')) return;
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type ?? '')?.[1];
  if (charset !== undefined && !READ.test(charset))
    throw new DaybookError(
      'unsupported_media_type',
      `Send JSON in UTF-8 (application/json): the charset ${charset.slice(0, 50)} is not read here.`,
    );
}
