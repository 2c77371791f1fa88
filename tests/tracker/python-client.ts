import { request } from 'node:http';
import type { RealServer } from '../bed/real-server.ts';

/** What the server answered, as a script of trackerapi reads it. */
export interface PythonAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a client of another program takes what comes
  readonly body: any;
  readonly text: string;
}

/** Asks below `/tracker`. A text is sent as it is. */
export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<PythonAnswer>;

/**
 * Asks as Python's `requests` does, byte for byte: its headers in its order and case, `x-api_key` with its underscore
 * (which `fetch` would let pass, but proxies and other servers drop), and JSON with a space after each comma and colon.
 */
export function pythonClient({ url }: Pick<RealServer, 'url'>, key: string | undefined): Ask {
  return (method, path, body, more = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : pythonJson(body);
      const headers = {
        'User-Agent': 'python-requests/2.31.0',
        'Accept-Encoding': 'gzip, deflate',
        Accept: '*/*',
        Connection: 'close',
        ...(key !== undefined && { 'x-api_key': key }),
        ...(text !== undefined && { 'Content-Length': String(Buffer.byteLength(text)) }),
        ...(text !== undefined && { 'Content-Type': 'application/json' }),
        ...more,
      };
      const sent = request(`${url}/tracker${path}`, { method, headers }, (response) => {
        let answered = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          answered += part;
        });
        response.on('error', reject).on('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text: answered, body: jsonIn(answered) });
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
}

/** `json.dumps` of Python: spaces behind separators, and nothing but ASCII. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, each]) => `${pythonJson(key)}: ${pythonJson(each)}`)
      .join(', ')}}`;
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the two families of clients say for the same things. */
export interface Family {
  readonly family: 'job and customer' | 'study and hospital';
  readonly path: '/jobs' | '/studies';
  readonly id: 'provider_job_id' | 'provider_study_id';
  readonly name: 'provider_job_name' | 'provider_study_name';
  readonly customer: 'customer_id' | 'hospital_id';
  /** The field of an event that names its step, and the kind that says that it is done. */
  readonly step: 'name' | 'tag';
  readonly done: 'step' | 'Complete';
}

export const families: readonly Family[] = [
  {
    family: 'job and customer',
    path: '/jobs',
    id: 'provider_job_id',
    name: 'provider_job_name',
    customer: 'customer_id',
    step: 'name',
    done: 'step',
  },
  {
    family: 'study and hospital',
    path: '/studies',
    id: 'provider_study_id',
    name: 'provider_study_name',
    customer: 'hospital_id',
    step: 'tag',
    done: 'Complete',
  },
];

let count = 0;
/** A word that no other test has. */
export function unused(word: string): string {
  count += 1;
  return `${word}_${count}`;
}

/** The configuration of the old tutorial, under a tag of its own. */
export function tutorial(tag: string, more: Record<string, unknown> = {}) {
  return {
    name: `Job ${tag}`,
    tag,
    version: '1.0.0',
    step_configurations: [
      { name: 'Say Hello', tag: 'say_hello', points: 10, metadata_configurations: [] },
      {
        name: 'Generate Random Number',
        tag: 'random_number',
        points: 15,
        metadata_configurations: [{ name: 'Random Number', units: null, kind: 'number' }],
      },
      { name: 'Say Bye', tag: 'say_bye', points: 10, metadata_configurations: null },
    ],
    ...more,
  };
}
