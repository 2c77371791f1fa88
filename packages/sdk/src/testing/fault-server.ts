import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  type Fault as BodyFault,
  type ClaimBody,
  type CompleteBody,
  DaybookError,
  type EventBody,
  eventInputSchema,
  faultPath,
  type JobCreateBody,
  jobCreateSchema,
  type Leases,
  type ReleaseBody,
  toIso,
} from '@daybook/core';
import { type QueuedJob, StandInQueue } from './stand-in-queue.ts';

/**
 * How the server misbehaves towards one request.
 *
 * - `drop`: breaks the connection before anything is done
 * - `swallow`: does what was asked and breaks the connection instead of answering
 * - `half`: does what was asked and breaks off in the middle of the answer
 * - `hang`: does nothing and never answers
 * - `page`: answers 502 with a proxy's page
 * - a {@link DaybookError}: answers with that problem; `retryAfter` in seconds
 */
export type Misbehaviour =
  | 'none'
  | 'drop'
  | 'swallow'
  | 'half'
  | 'hang'
  | 'page'
  | { error: DaybookError; retryAfter?: number };

export interface StoredJob {
  readonly id: number;
  readonly create: JobCreateBody;
  readonly events: EventBody[];
  readonly keys: Set<string>;
  heartbeats: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

/**
 * A small server that keeps the promises which the reporter relies on (idempotent creation, event keys, batches stored
 * whole or not at all) in memory, and breaks all others on demand. What it stored survives `stop` and `start`.
 */
export class FaultServer {
  readonly jobs: StoredJob[] = [];
  readonly requests: SeenRequest[] = [];
  readonly queue = new StandInQueue();
  /** Asked for every request, before it is done. */
  misbehave: (request: SeenRequest) => Misbehaviour = () => 'none';
  readonly #created = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<FaultServer> {
    const server = new FaultServer();
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A job that waits for a worker. */
  offer(create: JobCreateBody): QueuedJob {
    return this.queue.offer(this.#store(create), create);
  }

  /** Loses all that it stored. */
  forget(): void {
    this.jobs.length = 0;
    this.requests.length = 0;
    this.#created.clear();
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#handle(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Breaks all connections; what was stored stays. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const seen = await readRequest(request);
      this.requests.push(seen);
      await this.#answer(seen, response);
    } catch {
      response.destroy();
    }
  }

  async #answer(request: SeenRequest, response: ServerResponse): Promise<void> {
    const how = this.misbehave(request);
    if (how === 'hang') return;
    if (how === 'drop') {
      response.destroy();
    } else if (how === 'page') {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>');
    } else if (typeof how === 'object') {
      sendProblem(response, how.error, how.retryAfter);
    } else {
      await this.#perform(request, response, how);
    }
  }

  async #perform(
    request: SeenRequest,
    response: ServerResponse,
    how: 'none' | 'swallow' | 'half',
  ): Promise<void> {
    const { status, body } = await this.#route(request);
    const text = JSON.stringify(body ?? null);
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    if (how === 'swallow') {
      response.destroy();
    } else if (how === 'half') {
      response.writeHead(status, { 'content-type': type, 'content-length': text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
    } else if (status === 204) {
      response.writeHead(204).end();
    } else {
      response.writeHead(status, { 'content-type': type }).end(text);
    }
  }

  async #route(request: SeenRequest): Promise<{ status: number; body?: unknown }> {
    if (request.path.startsWith('/api/v1/queue/'))
      return { status: 200, body: await this.#askQueue(request) };
    const [, id, what] = /^\/api\/v1\/jobs(?:\/(\d+)\/(events|heartbeat))?$/.exec(request.path) ?? [];
    try {
      if (request.method !== 'POST' || !request.path.startsWith('/api/v1/jobs'))
        throw new DaybookError('not_found');
      if (id === undefined) return { status: 201, body: this.#create(request) };
      const job = this.jobs[Number(id) - 1];
      if (job === undefined) throw new DaybookError('not_found');
      const leaseToken = request.headers['lease-token'] as string | undefined;
      if (what === 'events' && !this.queue.admits(job.id, leaseToken)) throw new DaybookError('lease_lost');
      if (what === 'events') return { status: 201, body: { items: storeEvents(job, request.body) } };
      job.heartbeats += 1;
      return { status: 204 };
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error;
      return { status: error.status, body: error.toProblem() };
    }
  }

  #create(request: SeenRequest): object {
    check(jobCreateSchema, request.body);
    const key = String(request.headers['idempotency-key']);
    const known = this.#created.get(key);
    const id = known ?? this.#store(request.body as JobCreateBody);
    this.#created.set(key, id);
    return { id, status: 'running', createdAt: toIso(Date.now()) };
  }

  #store(create: JobCreateBody): number {
    const id = this.jobs.length + 1;
    this.jobs.push({ id, create, events: [], keys: new Set(), heartbeats: 0 });
    return id;
  }

  async #askQueue({ path, body }: SeenRequest): Promise<object> {
    switch (path.split('/').at(-1)) {
      case 'claim':
        return await this.queue.claim(body as ClaimBody);
      case 'heartbeat':
        return this.queue.heartbeat(body as Leases);
      case 'complete':
        return this.queue.complete(body as CompleteBody);
      default:
        return this.queue.release(body as ReleaseBody);
    }
  }
}

function storeEvents(job: StoredJob, body: unknown): object[] {
  const { events } = body as { events: EventBody[] };
  const faults = events.flatMap((event, index) => faultsOf(eventInputSchema, event, `events[${index}].`));
  if (faults.length > 0) throw new DaybookError('invalid_request', undefined, { faults });
  return events.map((event) => {
    const duplicate = job.keys.has(event.key as string);
    if (!duplicate) job.events.push(event);
    job.keys.add(event.key as string);
    return { id: job.events.length, jobId: job.id, applied: true, ...(duplicate && { duplicate }) };
  });
}

type Schema = typeof jobCreateSchema | typeof eventInputSchema;

function check(schema: Schema, body: unknown): void {
  const faults = faultsOf(schema, body, '');
  if (faults.length > 0) throw new DaybookError('invalid_request', undefined, { faults });
}

function faultsOf(schema: Schema, value: unknown, prefix: string): BodyFault[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => ({
    path: prefix + faultPath(issue.path),
    message: issue.message,
  }));
}

function sendProblem(response: ServerResponse, error: DaybookError, retryAfter: number | undefined): void {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  response.writeHead(error.status, headers).end(JSON.stringify(error.toProblem()));
}

async function readRequest(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    body: text === '' ? undefined : JSON.parse(text),
    headers: request.headers,
  };
}
