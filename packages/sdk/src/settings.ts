import { readFileSync } from 'node:fs';
import type { Clock } from './clock.ts';
import type { Fetch } from './http/client.ts';
import { DaybookUsageError } from './http/errors.ts';
import type { Pace } from './http/retry.ts';
import type { OnProblem } from './reporting/problem.ts';

export const defaultUrl = 'http://127.0.0.1:8080';

export interface DaybookOptions {
  /** Where the server is; `DAYBOOK_URL`, else `http://127.0.0.1:8080`. */
  readonly url?: string;
  /** `DAYBOOK_API_KEY`, else what the file `DAYBOOK_API_KEY_FILE` holds. */
  readonly apiKey?: string;
  /** Where records wait while the server is away; see `defaultSpoolDirectory`. */
  readonly spoolDirectory?: string;
  /** Undelivered bytes of one job from which on its log lines are left out (and counted); 64 MiB. Facts never are. */
  readonly spoolBytes?: number;
  /** Told when reporting does not go as it should; by default the first of each kind is a process warning. */
  readonly onProblem?: OnProblem;
  /** Once it is aborted, the end of a job waits two seconds at most for what was not delivered; the spool has it. */
  readonly hurry?: AbortSignal;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** 0 ≤ x < 1, for the jitter. */
  readonly random?: () => number;
  readonly pace?: Partial<Pace>;
}

/** The address of the API below what people write: with or without a path, a slash at its end, or `/api/v1`. */
export function apiUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new DaybookUsageError(`${JSON.stringify(text)} is no address of a server, e.g. ${defaultUrl}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new DaybookUsageError(
      'put the key in DAYBOOK_API_KEY, not into the address: addresses end up in logs',
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;
}

export function apiKeyFrom(env: NodeJS.ProcessEnv): string | undefined {
  if (env['DAYBOOK_API_KEY']) return checkedKey(env['DAYBOOK_API_KEY'], 'DAYBOOK_API_KEY');
  const file = env['DAYBOOK_API_KEY_FILE'];
  if (!file) return undefined;
  return checkedKey(readKeyFile(file), 'DAYBOOK_API_KEY_FILE');
}

/** A key goes into a header: anything but visible ASCII is a copying mistake. Never shows the key. */
export function checkedKey(text: string, from: string): string {
  const key = text.trim();
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new DaybookUsageError(`${from} holds no API key (one line of visible characters)`);
  return key;
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DaybookUsageError(
      `the file of DAYBOOK_API_KEY_FILE cannot be read: ${(error as Error).message}`,
    );
  }
}
