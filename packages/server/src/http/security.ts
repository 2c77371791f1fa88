import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { DaybookError } from '@daybook/core';
import { isLoopback } from '../access/addresses.ts';
import { keyHeader, sessionToken } from '../access/credentials.ts';

/** Which names and sites Daybook goes by. */
export interface Site {
  /** Address that the server is bound to. */
  readonly host: string;
  readonly publicUrl?: string | undefined;
  /** Further host names. */
  readonly allowedHosts: readonly string[];
  /** Other origins whose pages may write for a signed-in person. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Says whether a Host header names us. Browsers can be talked into sending requests here under a stranger's name (DNS
 * rebinding), and would then treat our answers as the stranger's own.
 *
 * Addresses are no names that a stranger could own, so all of them are fine when other machines may reach us (which
 * of them is ours is not known behind a container's network); else only those of the loopback.
 */
export function hostCheck(site: Site): (host: string | undefined) => boolean {
  const reachable = !isLoopback(site.host);
  const names = new Set(['localhost', site.host, ...site.allowedHosts].map((name) => hostName(name)));
  if (site.publicUrl !== undefined) names.add(hostName(new URL(site.publicUrl).host));
  let known: string | undefined;
  return (host) => {
    // Nearly every request has the same one.
    if (host !== undefined && host === known) return true;
    const name = hostName(host ?? '');
    const ours =
      isIP(name) > 0 ? reachable || isLoopback(name) : names.has(name) || name.endsWith('.localhost');
    if (ours) known = host;
    return ours;
  };
}

/** The name in `Example.com:8080`, `[::1]:8080` or `example.com.`, in lower case. */
function hostName(host: string): string {
  const name = isIP(host) === 6 ? host : host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.replace(/\.$/, '').toLowerCase();
}

/**
 * Says whether a request may change something, by where it comes from (design.md §8). A key is sent by nobody but who has
 * it; a cookie is sent by browsers for any page that asks. So without a key, what browsers say of the page decides:
 * `Origin` must be ours or listed, or in its absence `Sec-Fetch-Site` ours; a cookie with neither is refused.
 */
export function originCheck(site: Site): (method: string, headers: IncomingHttpHeaders) => boolean {
  const listed = new Set(site.allowedOrigins.map((origin) => new URL(origin).origin));
  const own = site.publicUrl === undefined ? undefined : new URL(site.publicUrl);
  if (own !== undefined) listed.add(own.origin);
  return (method, headers) => {
    if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return true;
    if (keyHeader(headers) !== undefined) return true;
    const { origin } = headers;
    const fetchSite = headers['sec-fetch-site'];
    if (origin !== undefined) return listed.has(origin) || isSameHost(origin, headers.host, own);
    if (fetchSite !== undefined) return fetchSite === 'same-origin' || fetchSite === 'none';
    return sessionToken(headers) === undefined;
  };
}

function isSameHost(origin: string, host: string | undefined, own: URL | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  // The port that goes without saying may be said.
  const impliedPort = { 'http:': /:80$/, 'https:': /:443$/ }[from.protocol];
  if (impliedPort === undefined || from.host !== host.toLowerCase().replace(impliedPort, '')) return false;
  // The same name by http is another origin where the public one is https.
  return own === undefined || own.host !== from.host;
}

/** Of every answer that is no page: it is data, and nothing in it runs, frames or loads anything. */
export const answerHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Of the built files: a worker goes by the policy of its own file, not by that of its page. */
const assetHeaders: Readonly<Record<string, string>> = {
  ...answerHeaders,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'",
};
const ASSETS = '/diary/assets/';

/** Of a page whose scripts and styles carry this nonce (base64, new for every answer). */
export function pageHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    ...answerHeaders,
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}
interface Reply {
  headers(values: Record<string, string>): unknown;
}

/**
 * The first hook (`onRequest`) of every request: gives the answer its headers and refuses unknown hosts and writes from
 * other sites, with `host_unknown` and `origin_refused`. There is no CORS: other sites read nothing.
 *
 * @example server.addHook('onRequest', securityHook(settings));
 */
export function securityHook(
  site: Site,
): (request: Request, reply: Reply, done: (error?: Error) => void) => void {
  const isOurs = hostCheck(site);
  const mayWrite = originCheck(site);
  return ({ method, url, headers }, reply, done) => {
    reply.headers(url.startsWith(ASSETS) ? assetHeaders : answerHeaders);
    if (headers.host === undefined) done(new DaybookError('invalid_request', 'The request names no host.'));
    else if (!isOurs(headers.host)) done(unknownHost(headers.host));
    else if (!mayWrite(method, headers)) done(new DaybookError('origin_refused'));
    else done();
  };
}

function unknownHost(host: string): DaybookError {
  const name = hostName(host).slice(0, 100);
  return new DaybookError(
    'host_unknown',
    `Daybook is not served as "${name}". If it should be, start it with --allowed-hosts ${name || 'NAME'} or --public-url.`,
  );
}
