import { ApiError, call } from '../api/client.ts';
import { BrowserBundle, FileChangedError } from './browser-bundle.ts';
import type { FromUploader, ToUploader } from './upload-protocol.ts';

const TUS = { 'tus-resumable': '1.0.0' };
/** A chunk takes about so long, milliseconds: progress moves, and a break costs little. */
const TURN = 1_000;
const SMALLEST = 256 * 1024;
const LARGEST = 32 * 1024 * 1024;
/** Waits after a break, milliseconds; the last one again and again. */
const WAITS = [500, 1_000, 2_000, 5_000, 10_000];

type Start = ToUploader & { readonly kind: 'start' };

/** Sends one bundle, chunk by chunk (tus 1.0.0), and tells how it goes. Lives in a worker: hashing is work. */
export class Uploader {
  readonly #tell: (message: FromUploader) => void;
  #bundle: BrowserBundle | undefined;
  #jobId = 0;
  #turn: AbortController | undefined;

  constructor(tell: (message: FromUploader) => void) {
    this.#tell = tell;
  }

  async hear(message: ToUploader): Promise<void> {
    switch (message.kind) {
      case 'start':
        return this.#start(message);
      case 'pause':
        this.#turn?.abort();
        return;
      case 'resume':
        return this.#run();
      case 'cancel':
        return this.#cancel();
    }
  }

  async #start({ entries, files, name, madeAt }: Start): Promise<void> {
    try {
      this.#bundle = new BrowserBundle(entries, files, madeAt);
      const { size } = this.#bundle.plan;
      const headers = {
        ...TUS,
        'upload-length': String(size),
        ...(name !== '' && { 'upload-metadata': `filename ${base64(name)}` }),
      };
      const { jobId } = await call<{ jobId: number }>('/uploads', { method: 'POST', headers });
      this.#jobId = jobId;
      this.#tell({ kind: 'begun', jobId, size });
    } catch (error) {
      this.#fail(error);
      return;
    }
    await this.#run();
  }

  /** Sends from where the server is, until all is there, or it is told to pause. */
  async #run(): Promise<void> {
    const bundle = this.#bundle;
    if (bundle === undefined || this.#turn !== undefined) return;
    const turn = new AbortController();
    this.#turn = turn;
    try {
      await this.#send(bundle, turn.signal);
      this.#tell({ kind: 'done' });
    } catch (error) {
      if (turn.signal.aborted) this.#tell({ kind: 'paused' });
      else this.#fail(error);
    } finally {
      this.#turn = undefined;
    }
  }

  async #send(bundle: BrowserBundle, signal: AbortSignal): Promise<void> {
    let offset = await this.#offset(signal);
    let size = SMALLEST;
    for (let failures = 0; offset < bundle.plan.size; ) {
      signal.throwIfAborted();
      const body = await bundle.bytes(offset, size);
      const begin = performance.now();
      try {
        offset = await this.#patch(offset, body, signal);
        this.#tell({ kind: 'sent', bytes: offset });
        failures = 0;
        const took = Math.max(1, performance.now() - begin);
        size = Math.round(Math.min(LARGEST, Math.max(SMALLEST, size * Math.min(2, TURN / took))));
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        this.#tell({ kind: 'waiting' });
        await pause(WAITS[Math.min(failures++, WAITS.length - 1)] ?? 0, signal);
        offset = await this.#offset(signal).catch((problem: unknown) => {
          if (isPassing(problem)) return offset;
          throw problem;
        });
      }
    }
  }

  async #offset(signal: AbortSignal): Promise<number> {
    const { offset } = await call<{ offset: number }>(`/uploads/${this.#jobId}`, { headers: TUS, signal });
    return offset;
  }

  async #patch(offset: number, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<number> {
    const response = await fetch(`/api/v1/uploads/${this.#jobId}`, {
      method: 'PATCH',
      headers: {
        ...TUS,
        'upload-offset': String(offset),
        'content-type': 'application/offset+octet-stream',
      },
      body,
      signal,
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new ApiError(0, { detail: String(error) });
    });
    if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => ({})));
    return Number(response.headers.get('upload-offset'));
  }

  async #cancel(): Promise<void> {
    this.#turn?.abort();
    if (this.#jobId > 0)
      await call(`/uploads/${this.#jobId}`, { method: 'DELETE', headers: TUS }).catch(() => undefined);
    this.#tell({ kind: 'canceled' });
  }

  #fail(error: unknown): void {
    if (error instanceof ApiError) this.#tell({ kind: 'failed', code: error.code, detail: error.message });
    else if (error instanceof FileChangedError)
      this.#tell({ kind: 'failed', code: 'file_changed', detail: error.message });
    else this.#tell({ kind: 'failed', code: 'unknown', detail: String(error) });
  }
}

/** What another try may mend. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    error.status === 0 ||
    error.status >= 500 ||
    ['conflict', 'upload_locked', 'rate_limited'].includes(error.code)
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
