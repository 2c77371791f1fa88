import type { RealServer } from '../bed/real-server.ts';

/** A provider of the crowd, with a key of their own. */
export interface CrowdProvider {
  readonly name: string;
  readonly key: string;
  /** By which routes they work: ours, or those of trackerapi. */
  readonly door: 'native' | 'tracker';
}

/** A customer who is signed in, and whose jobs they follow: a provider's name and their id there. */
export interface CrowdCustomer {
  readonly session: string;
  readonly follows: readonly { readonly provider: string; readonly customer: string }[];
}

/** Asks as a provider does; throws for anything but success. The path is whole: `/api/v1/jobs`, `/tracker/jobs`. */
export async function asProvider<T>(
  server: RealServer,
  { key }: CrowdProvider,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    // Both surfaces take the header of trackerapi's client.
    headers: { 'x-api_key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export async function makeProvider(
  server: RealServer,
  name: string,
  door: CrowdProvider['door'],
): Promise<CrowdProvider> {
  const reply = await server.ask('POST', '/keys', { name, role: 'provider' });
  return { name, door, key: (reply.body as { key: string }).key };
}

/** Signs up by one invitation and accepts the others: there is no other way to become a customer. */
export async function makeCustomer(
  server: RealServer,
  name: string,
  follows: CrowdCustomer['follows'],
): Promise<CrowdCustomer> {
  let session = '';
  for (const { provider, customer } of follows) {
    const invited = await server.ask('POST', '/invitations', { provider, customer });
    const token = new URL((invited.body as { link: string }).link).hash.slice(1);
    const reply =
      session === ''
        ? await post(server, '/invitations/accept', { token, name, password: 'a long password' }, {})
        : await post(server, '/session/customers', { token }, cookie(session));
    if (!reply.ok) throw new Error(`${name}: ${reply.status} ${await reply.text()}`);
    session ||= /daybook_session=([^;]+)/.exec(reply.headers.get('set-cookie') ?? '')?.[1] ?? '';
  }
  return { session, follows };
}

/** Asks as a customer's browser does; the path is whole. */
export async function asCustomer<T>(
  server: RealServer,
  { session }: CrowdCustomer,
  path: string,
): Promise<{ status: number; body: T }> {
  const response = await fetch(`${server.url}${path}`, { headers: cookie(session) });
  return { status: response.status, body: (await response.json()) as T };
}

function post(server: RealServer, path: string, body: unknown, headers: Record<string, string>) {
  return fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url, ...headers },
    body: JSON.stringify(body),
  });
}

function cookie(session: string): Record<string, string> {
  return { cookie: `daybook_session=${session}` };
}

/** What a customer's stream told, from now on until it is cut. */
export class CustomerStream {
  readonly jobs = new Set<number>();
  /** The kinds of its messages. */
  readonly kinds = new Set<string>();
  text = '';
  readonly #controller = new AbortController();

  static async open(server: RealServer, { session }: CrowdCustomer): Promise<CustomerStream> {
    const stream = new CustomerStream();
    const response = await fetch(`${server.url}/api/v1/stream`, {
      headers: cookie(session),
      signal: stream.#controller.signal,
    });
    if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`);
    void stream.#read(response.body).catch(() => undefined);
    return stream;
  }

  cut(): void {
    this.#controller.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of body) {
      const blocks = (rest + decoder.decode(piece, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const kind = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (kind === undefined || data === undefined) continue;
        this.kinds.add(kind);
        this.text += data;
        if (kind === 'job') this.jobs.add((JSON.parse(data) as { id: number }).id);
      }
    }
  }
}
