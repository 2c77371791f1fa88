import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type DestinationStream, type Logger, pino } from 'pino';
import { scrub } from './scrub.ts';

/** Names whose values are never written, at the top of a line and one level down. */
const secretNames = [
  'authorization',
  'cookie',
  'current',
  'databaseDirectUrl',
  'databaseUrl',
  'key',
  'password',
  'secret',
  'set-cookie',
  'signInLink',
  'token',
  'x-api-key',
  'x-api_key',
  'x_api_key',
];

/**
 * The log: one JSON object per line on standard error (standard output belongs to what a command prints), levels as
 * words, times in ISO 8601. Every line is scrubbed of secrets as a whole, so that one inside the message of
 * somebody's error does not get through either.
 */
export function createLog(
  level: string,
  out: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const paths = secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`]);
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
      redact: { paths, censor: '[secret]' },
      hooks: { streamWrite: scrub },
    },
    out,
  );
}

const SANE_ID = /^[\w.:-]{1,128}$/;

/**
 * Makes the ids of requests: the caller's `X-Request-ID` if it is sane, so that one id follows a request through several
 * systems, else a new one.
 *
 * @example fastify({ genReqId: requestIds() })
 */
export function requestIds(): (request: { headers: IncomingHttpHeaders }) => string {
  // Unique among processes and restarts by its beginning, within the process by its number.
  const process = randomBytes(5).toString('hex');
  let last = 0;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    return typeof given === 'string' && SANE_ID.test(given) ? given : `${process}-${(++last).toString(36)}`;
  };
}

/** A request that was answered. */
export interface Answered {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** How long it took, milliseconds. */
  readonly ms: number;
  readonly ip: string;
  /** Label of who asked, if that is known. */
  readonly actor?: string | undefined;
  /** Open on purpose: a stream or a long poll is not slow. */
  readonly patient?: boolean;
}

/** An answer that took longer is worth a line, milliseconds. */
const SLOW = 1_000;

/**
 * Writes a request down: at `info` if it was slow or failed by our fault, else at `debug`. Jobs report thousands of events a
 * second, and a line for each would bury the others.
 */
export function logAnswer(log: Logger, { status, ms, url, patient, ...rest }: Answered): void {
  const notable = status >= 500 || (ms > SLOW && patient !== true);
  const level = notable ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  log[level](
    { request: { ...rest, url, status, ms: Math.round(ms) } },
    notable ? 'answered late or not well' : 'answered',
  );
}
