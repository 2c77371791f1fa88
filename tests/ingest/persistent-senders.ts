import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { setTimeout as pass } from 'node:timers/promises';
import type { RealServer } from '../bed/real-server.ts';
import { about, entryOf, goodBundle, type TestFile } from './bundles.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const MEBIBYTE = 1024 * 1024;

/** What was sent, and what its sender knows of it. */
export interface Sent {
  readonly door: 'tus' | 'post' | 'move';
  /** Of the whole tar; of a move, which makes its own, null. */
  readonly sha256: string | null;
  /** Of a move: its sources, and the SHA-256 of each. */
  readonly sources: ReadonlyMap<string, string>;
  /** The job, once the server has said that all of it is safe. */
  jobId?: number;
}

/** Senders that a killed server does not discourage: they go on, or send again, until they hear that all is safe. */
export class PersistentSenders {
  /** Everything that anybody began to send. */
  readonly sent: Sent[] = [];
  readonly #server: RealServer;
  readonly #folder: string;
  #over = false;
  #running: Promise<void>[] = [];
  #count = 0;

  constructor(server: RealServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  start(): void {
    const send = [() => this.#tus(), () => this.#tus(), () => this.#post(), () => this.#move()];
    this.#running = send.map(async (each) => {
      while (!this.#over) await each();
    });
  }

  /** They begin nothing new. Resolves when all that they began is safe, or was left as nobody's. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#running);
  }

  async #tus(): Promise<void> {
    const tar = someBundle();
    const sent: Sent = { door: 'tus', sha256: sha256(tar), sources: new Map() };
    this.sent.push(sent);
    const id = await this.#begin(tar.length);
    await this.#goOn(id, tar);
    sent.jobId = id;
  }

  async #begin(length: number): Promise<number> {
    for (;;) {
      const answer = await this.#call('POST', '', { 'upload-length': String(length) });
      if (answer?.status === 201) return Number(answer.headers.get('location')?.split('/').at(-1));
      expectPassing(answer);
      await pass(100);
    }
  }

  /** Resolves when it is whole. What was begun and acknowledged is never gone. */
  async #goOn(id: number, tar: Buffer): Promise<void> {
    for (;;) {
      const looked = await this.#call('HEAD', `/${id}`);
      if (looked?.status === 200) {
        const offset = Number(looked.headers.get('upload-offset'));
        if (offset === tar.length) return;
        const part = tar.subarray(offset, offset + (1 + Math.floor(Math.random() * 24)) * MEBIBYTE);
        const answer = await this.#call('PATCH', `/${id}`, patchAt(offset), slowly(part));
        if (answer?.status === 204) continue;
        // A conflict is another offset than we thought, or a connection of ours that is not known to be dead yet.
        if (answer !== undefined && ![409, 423].includes(answer.status)) expectPassing(answer);
      } else if (looked?.status !== 423) expectPassing(looked);
      await pass(100);
    }
  }

  async #post(): Promise<void> {
    const tar = someBundle();
    const sent: Sent = { door: 'post', sha256: sha256(tar), sources: new Map() };
    this.sent.push(sent);
    while (sent.jobId === undefined) {
      const sized = Math.random() < 0.5 && { 'content-length': String(tar.length) };
      const answer = await this.#fetch('/ingest', {
        method: 'POST',
        headers: { ...sized },
        body: slowly(tar),
      });
      if (answer?.status === 200) sent.jobId = await safeJob(answer);
      else {
        expectPassing(answer);
        await pass(200);
      }
    }
  }

  /** What was not answered may have begun or not: its sources must be there, or in the archive. */
  async #move(): Promise<void> {
    const number = ++this.#count;
    const files = someFiles().map(({ path, content }, i) => {
      const source = join(this.#folder, `${number}-${i}`);
      writeFileSync(source, content);
      return { path, content, source };
    });
    const sources = new Map(files.map(({ source, content }) => [source, sha256(Buffer.from(content))]));
    const sent: Sent = { door: 'move', sha256: null, sources };
    this.sent.push(sent);
    const document = [...about, ...files.map((file) => entryOf(file, { source: file.source }))];
    const answer = await this.#fetch('/move', {
      method: 'POST',
      body: JSON.stringify(document),
      headers: { 'content-type': 'application/json' },
    });
    if (answer?.status === 200) sent.jobId = await safeJob(answer);
    else expectPassing(answer);
    await pass(300);
  }

  #call(method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit) {
    return this.#fetch(`/api/v1/uploads${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#server.key}`, 'tus-resumable': '1.0.0', ...headers },
      ...(body !== undefined && { body }),
    });
  }

  /** Undefined when the connection broke. */
  async #fetch(path: string, init: RequestInit): Promise<Response | undefined> {
    try {
      const answer = await fetch(this.#server.url + path, { ...init, duplex: 'half' } as RequestInit);
      const body = init.method === 'HEAD' ? null : await answer.arrayBuffer();
      const isEmpty = answer.status === 204 || body === null;
      return new Response(isEmpty ? null : body, { status: answer.status, headers: answer.headers });
    } catch {
      return undefined;
    }
  }
}

/** A broken connection, or trouble of the server's that passes; nothing else may be answered to what is right. */
function expectPassing(answer: Response | undefined): void {
  if (answer !== undefined && answer.status < 500)
    throw new Error(`a sender that did nothing wrong heard ${answer.status}`);
}

/** The job of a bundle that was acknowledged. */
async function safeJob(answer: Response): Promise<number> {
  const { job_id, state, exception } = (await answer.json()) as Record<string, unknown>;
  if (state !== 'OK') throw new Error(`a good bundle failed: ${exception}`);
  return Number(job_id);
}

function patchAt(offset: number): Record<string, string> {
  return { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' };
}

/** So that there is time to be killed. */
function slowly(bytes: Buffer): BodyInit {
  return ReadableStream.from(
    (async function* () {
      for (let at = 0; at < bytes.length; at += 256 * 1024) {
        yield new Uint8Array(bytes.subarray(at, at + 256 * 1024));
        await pass(8);
      }
    })(),
  ) as unknown as BodyInit;
}

/** Few or many, small or larger than what lies between two checkpoints; each with bytes of its own. */
function someBundle(): Buffer {
  const large = Math.random() < 0.15;
  const files = large
    ? [...someFiles(), { path: 'data/large.bin', content: Buffer.alloc(36 * MEBIBYTE, randomBytes(1_000)) }]
    : someFiles();
  return goodBundle(files, { first: Math.random() < 0.5 });
}

function someFiles(): TestFile[] {
  const count = 1 + Math.floor(Math.random() ** 3 * 200);
  const mark = randomBytes(6).toString('hex');
  return Array.from({ length: count }, (_, n) => ({
    path: `data/${mark}/${n % 7}/file-${n}.bin`,
    content: Buffer.alloc(Math.floor(Math.random() ** 4 * 100_000), randomBytes(16)),
  }));
}
