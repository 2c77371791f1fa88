import type { HttpClient } from '../http/client.ts';

/** An upload as the server knows it. */
export interface UploadState {
  /** The job that takes the bundle in; also the number of the upload. */
  readonly jobId: number;
  /** Bytes that are safe: where to go on. */
  readonly offset: number;
  readonly length: number;
  readonly expiresAt: string;
}

/** How an ingest stands, in the words of Pacifica Ingest. */
export interface IngestState {
  readonly state: 'OK' | 'FAILED';
  readonly task: string;
  readonly taskPercent: number;
  readonly exception?: string;
}

const TUS = { 'tus-resumable': '1.0.0' };
/** What is sent may take as long as it goes on, milliseconds. */
const LONG = 24 * 3_600_000;

/** `/uploads`: tus 1.0.0, which other clients of it speak, too. Every method throws as the sdk does. */
export class UploadsApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** Begins one of `length` bytes; `said` names it (`filename`), or the failed job (`job`) whose bytes come again. */
  async create(length: number, said: Readonly<Record<string, string>>): Promise<UploadState> {
    const metadata = Object.entries(said).map(([name, value]) => `${name} ${base64(value)}`);
    const headers = {
      ...TUS,
      'upload-length': String(length),
      ...(metadata.length > 0 && { 'upload-metadata': metadata.join(',') }),
    };
    return (await this.#http.request<UploadState>('POST', '/uploads', { headers })).body;
  }

  /** Where it is. Error `not_found` when nothing is left of it. */
  async get(id: number): Promise<UploadState> {
    return (await this.#http.request<UploadState>('GET', `/uploads/${id}`, { headers: TUS })).body;
  }

  /** Sends bytes from `offset` on; answers where to go on. */
  async send(
    id: number,
    offset: number,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<number> {
    const { headers } = await this.#http.request('PATCH', `/uploads/${id}`, {
      bytes,
      headers: {
        ...TUS,
        'upload-offset': String(offset),
        'content-type': 'application/offset+octet-stream',
      },
      timeout: LONG,
      signal,
    });
    return Number(headers.get('upload-offset'));
  }

  /** An administrator says how an ingest stands. */
  async setState(id: number, state: IngestState): Promise<void> {
    await this.#http.request('PUT', `/uploads/${id}/state`, { body: state });
  }

  /** Gives it up, and cancels its job. */
  async remove(id: number): Promise<void> {
    await this.#http.request('DELETE', `/uploads/${id}`, { headers: TUS });
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
