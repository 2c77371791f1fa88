/** How one asks the services beside Daybook: policy, metadata, archive, numbers (contracts/pacifica.md). */
export interface Asking {
  /** Waits before a question is asked again, milliseconds; there are as many retries as waits. */
  readonly waits: readonly number[];
  /** How long an answer may take, milliseconds. */
  readonly timeout: number;
}

/** Five retries, over half a minute. */
export const patiently: Asking = { waits: [500, 1_000, 3_000, 8_000, 20_000], timeout: 60_000 };

/** A service that cannot be reached, or that says that it cannot answer now. `message` names it without its credentials. */
export class ServiceAwayError extends Error {
  override readonly name = 'ServiceAwayError';
}

/** What is sent with a question; what is large comes piece by piece. */
export type QuestionBody = string | Uint8Array | AsyncIterable<Uint8Array>;

/** What a service answered: its status, and its body if that is JSON. */
export interface ServiceAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Answers longer than this are none that we ask for, bytes. */
const LONGEST = 1024 * 1024;

/**
 * Asks, and asks again when nobody answers or the answer says that it is not the time (5xx, 429). Any other answer counts.
 * `body` makes the body of each try anew. Throws {@link ServiceAwayError} after the last, and the signal's reason.
 */
export async function ask(
  url: string,
  { body, ...init }: Omit<RequestInit, 'body' | 'signal'> & { body?: () => QuestionBody },
  { waits, timeout }: Asking,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    const answer = await askOnce(
      url,
      { ...init, ...(body && { body: body(), duplex: 'half' }) } as RequestInit,
      timeout,
      signal,
    );
    if (typeof answer !== 'string') return answer;
    const wait = waits[tries];
    if (wait === undefined) throw new ServiceAwayError(`${plainAddress(url)} ${answer}`);
    await pause(wait, signal);
  }
}

/** Its answer, or in words why there is none that counts. */
async function askOnce(
  url: string,
  init: RequestInit,
  timeout: number,
  signal: AbortSignal,
): Promise<ServiceAnswer | string> {
  const late = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, late]),
    });
    const body = jsonIn(await shortText(response));
    const { status } = response;
    return status >= 500 || status === 429 ? `answered ${status}` : { status, body };
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return `did not answer within ${timeout / 1_000} s`;
    const { cause, message } = error as Error;
    return `cannot be reached (${(cause as { code?: string } | undefined)?.code ?? message})`;
  }
}

async function shortText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LONGEST) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An address as it may be shown: without user, password and query. */
function plainAddress(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** What the answers of the old services say: `success`, or why not. */
export function isSuccess({ status, body }: ServiceAnswer): boolean {
  return status < 300 && fieldOf(body, 'status') === 'success';
}

/** The sentence of a refusal. */
export function reasonIn({ status, body }: ServiceAnswer): string {
  const message = fieldOf(body, 'message');
  return typeof message === 'string' && message !== '' ? message.slice(0, 1_000) : `It answered ${status}.`;
}

/** A field of an answer, if it is an object that has it. */
export function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
