import type { IncomingHttpHeaders } from 'node:http';

/** Name of the session's cookie. */
export const SESSION_COOKIE = 'daybook_session';

const BEARER = /^bearer +(?=\S)/i;

/** As we write it, as the client of trackerapi does (contracts/trackerapi.md), and as who read that one wrongly does. */
const KEY_HEADERS = ['x-api-key', 'x-api_key', 'x_api_key'] as const;

/**
 * The header that carries an API key, as it came: `Authorization: Bearer KEY`, or one of {@link KEY_HEADERS}. Other
 * schemes of Authorization are not ours: a proxy in front may ask for a password of its own, which browsers then send us
 * too.
 */
export function keyHeader(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined && BEARER.test(authorization)) return authorization;
  return KEY_HEADERS.map((name) => headers[name]).find(
    (key): key is string => typeof key === 'string' && key !== '',
  );
}

/** The key in what {@link keyHeader} answered. */
export function keyIn(header: string): string {
  return header.replace(BEARER, '').trim();
}

/** The session's token, if the request has its cookie. */
export function sessionToken(headers: IncomingHttpHeaders): string | undefined {
  const { cookie } = headers;
  if (cookie === undefined) return undefined;
  for (const pair of cookie.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === SESSION_COOKIE) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}
