import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestClock } from '../../access/testing/test-clock.ts';
import { furnish } from '../../app.ts';
import { HouseDesk } from '../../http/testing/house-desk.ts';
import type { Store } from '../../storage/index.ts';
import { archive, member } from '../../tar/testing/made-tar.ts';
import type { Patience } from '../ingest-room.ts';

/** What was answered to a sender; `status` 0 if the connection broke. */
export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of all shapes
  readonly body: any;
}

/** A sender that writes when its test says so. */
export interface Sender {
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the body, and hears the answer. */
  end(): Promise<Heard>;
  /** Hears what is answered, also while it still sends. */
  readonly heard: Promise<Heard>;
}

const IMPATIENT: Patience = { asking: { waits: [10, 10], timeout: 300 }, window: 500 };

/** A house whose doors are spoken to over real sockets, with little patience and an archive of the test's. */
export class TroubleDesk {
  readonly desk: HouseDesk;
  readonly data: string;
  url = '';
  /** An admin's; uploads belong to it. */
  key = '';

  private constructor(store: Store, flags: Record<string, string | readonly string[]>, clock: TestClock) {
    this.data = mkdtempSync(join(tmpdir(), 'daybook-trouble-'));
    this.desk = new HouseDesk(store, { clock, flags: { data: this.data, ...flags }, patience: IMPATIENT });
  }

  static async open(
    store: Store,
    flags: Record<string, string | readonly string[]> = {},
    clock = new TestClock(),
  ): Promise<TroubleDesk> {
    await furnish(store, clock);
    const trouble = new TroubleDesk(
      store,
      { ingestNetworks: ['127.0.0.1/32'], ingestDefaultUser: 'dmlb2000', ...flags },
      clock,
    );
    trouble.url = await trouble.desk.listen();
    trouble.key = await trouble.desk.key('admin');
    return trouble;
  }

  async close(): Promise<void> {
    const { house } = this.desk;
    house.queue.close();
    await house.ingest.intake.close();
    await house.ingest.work.stop();
    await this.desk.close();
    await house.tarThreads.close();
    rmSync(this.data, { recursive: true, force: true });
  }

  /** One look of the duty that ends what nobody goes on with. */
  async tidy(): Promise<void> {
    const [duty] = this.desk.house.ingest.duties;
    if ((await duty?.isDue?.()) === true) await duty?.run(new AbortController().signal);
  }

  /** The old door, all at once. */
  async post(tar: Uint8Array): Promise<Heard> {
    const sender = this.sender('POST', '/ingest', { 'content-length': String(tar.length) });
    await sender.write(tar);
    return await sender.end();
  }

  async create(length: number): Promise<number> {
    const { status, body } = await this.tus('POST', '/api/v1/uploads', { 'upload-length': String(length) });
    if (status !== 201) throw new Error(`no upload was begun: ${status} ${JSON.stringify(body)}`);
    return body.jobId;
  }

  /** How far it is; -1 when nothing is left of it. */
  async offset(id: number): Promise<number> {
    const { status, body } = await this.tus('GET', `/api/v1/uploads/${id}`);
    return status === 200 ? body.offset : -1;
  }

  async patch(id: number, offset: number, bytes: Uint8Array): Promise<Heard> {
    const sender = this.patcher(id, offset);
    await sender.write(bytes);
    return await sender.end();
  }

  patcher(id: number, offset: number): Sender {
    return this.sender('PATCH', `/api/v1/uploads/${id}`, {
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    });
  }

  async tus(method: string, path: string, headers: Record<string, string> = {}): Promise<Heard> {
    return await this.sender(method, path, headers).end();
  }

  sender(method: string, path: string, headers: Record<string, string>): Sender {
    const authorization = path.startsWith('/api/') && { authorization: `Bearer ${this.key}` };
    const call: ClientRequest = request(this.url + path, {
      method,
      headers: { 'tus-resumable': '1.0.0', ...authorization, ...headers },
    });
    const heard = answerTo(call);
    return {
      heard,
      write: (bytes) =>
        new Promise((resolve) => {
          call.write(bytes, () => resolve());
        }),
      end: async () => {
        call.end();
        return await heard;
      },
    };
  }

  /** The process that receives a bundle's bytes just now. */
  async holder(jobId: number): Promise<string | null | undefined> {
    const bundles = this.desk.house.store.read.selectFrom('bundles').select('owner');
    return (await bundles.where('job_id', '=', jobId).executeTakeFirst())?.owner;
  }

  /** How the old door's clients see a job. */
  async state(id: number): Promise<{ state: string; task: string; exception: string; complete: boolean }> {
    return (await this.sender('GET', `/get_state?job_id=${id}`, {}).end()).body;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as the desk's
  async job(id: number): Promise<any> {
    return (await this.desk.ask('GET', `/jobs/${id}`)).body;
  }

  /** The newest job. */
  // biome-ignore lint/suspicious/noExplicitAny: as the desk's
  async lastJob(): Promise<any> {
    return (await this.desk.ask('GET', '/jobs?limit=1')).body.items[0];
  }

  /** What the archive shows of a job: the SHA-256 of its tar. */
  async archived(jobId: number): Promise<string | undefined> {
    const { items } = (await this.desk.ask('GET', `/bundles?jobId=${jobId}`)).body;
    if (items.length === 0) return undefined;
    const key = await this.desk.key('admin');
    const { payload } = await this.desk.bytes(`/bundles/${items[0].id}/tar`, {}, key);
    return sha256(payload);
  }
}

function answerTo(call: ClientRequest): Promise<Heard> {
  return new Promise((resolve) => {
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => {});
      response.on('close', () => {
        const text = Buffer.concat(chunks).toString();
        const body = text.startsWith('{') ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    // After the answer it says nothing new.
    call.on('error', () => resolve({ status: 0, headers: {}, body: undefined }));
  });
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Files below a folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

/** A bundle of one listed file of so many bytes. */
export function bundleOf(size: number, name = 'a.bin'): Buffer {
  const content = Buffer.alloc(size, `${name} `);
  const entries = [
    { destinationTable: 'Transactions.submitter', value: 10 },
    { destinationTable: 'Transactions.project', value: '1234a' },
    { destinationTable: 'Transactions.instrument', value: 54 },
    {
      destinationTable: 'Files',
      name,
      subdir: 'data/',
      size,
      hashtype: 'sha1',
      hashsum: createHash('sha1').update(content).digest('hex'),
      mimetype: 'application/octet-stream',
    },
  ];
  return archive(member(`data/${name}`, content), member('metadata.txt', JSON.stringify(entries)));
}
