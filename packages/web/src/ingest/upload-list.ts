import { useSyncExternalStore } from 'react';
import type { ChosenFile } from './browser-bundle.ts';
import type { FromUploader, ToUploader } from './upload-protocol.ts';

/** A bundle that this tab sends. */
export interface Upload {
  readonly key: number;
  readonly name: string;
  readonly files: number;
  readonly state: 'begins' | 'sends' | 'waits' | 'pauses' | 'done' | 'failed';
  readonly jobId: number | undefined;
  /** Bytes of the whole tar, and those that are safely there. */
  readonly size: number;
  readonly sent: number;
  /** Bytes per second, lately. */
  readonly rate: number;
  readonly error: { readonly code: string; readonly detail: string } | undefined;
}

interface Entry {
  upload: Upload;
  readonly worker: Worker;
  seen: { readonly at: number; readonly bytes: number }[];
}

/** The rate is that of so long, milliseconds. */
const WINDOW = 8_000;

/** The uploads of this tab; they go on whatever page is looked at. */
class UploadList {
  #entries: Entry[] = [];
  #shown: readonly Upload[] = [];
  readonly #listeners = new Set<() => void>();
  #keys = 0;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get = (): readonly Upload[] => this.#shown;

  start(name: string, entries: readonly unknown[], files: readonly ChosenFile[]): void {
    const worker = new Worker(new URL('./upload-worker.ts', import.meta.url), { type: 'module' });
    const key = (this.#keys += 1);
    const upload: Upload = {
      key,
      name,
      files: files.length,
      state: 'begins',
      jobId: undefined,
      size: files.reduce((sum, { file }) => sum + file.size, 0),
      sent: 0,
      rate: 0,
      error: undefined,
    };
    const entry: Entry = { upload, worker, seen: [] };
    worker.addEventListener('message', ({ data }: MessageEvent<FromUploader>) => this.#hear(entry, data));
    this.#entries = [entry, ...this.#entries];
    this.#show();
    const madeAt = Math.floor(Date.now() / 1_000);
    this.#tell(entry, { kind: 'start', entries, files, name, madeAt });
  }

  pause(key: number): void {
    this.#say(key, { kind: 'pause' });
  }

  resume(key: number): void {
    const entry = this.#find(key);
    if (entry === undefined) return;
    entry.seen = [];
    this.#change(entry, { state: 'sends', error: undefined });
    this.#tell(entry, { kind: 'resume' });
  }

  cancel(key: number): void {
    this.#say(key, { kind: 'cancel' });
  }

  /** Takes one that is over off the list. */
  remove(key: number): void {
    this.#find(key)?.worker.terminate();
    this.#entries = this.#entries.filter(({ upload }) => upload.key !== key);
    this.#show();
  }

  #hear(entry: Entry, message: FromUploader): void {
    if (message.kind === 'done') entry.worker.terminate();
    if (message.kind === 'canceled') this.remove(entry.upload.key);
    else this.#change(entry, changeBy(entry, message));
  }

  #change(entry: Entry, change: Partial<Upload>): void {
    entry.upload = { ...entry.upload, ...change };
    this.#show();
  }

  #show(): void {
    this.#shown = this.#entries.map(({ upload }) => upload);
    for (const listener of this.#listeners) listener();
  }

  #find(key: number): Entry | undefined {
    return this.#entries.find(({ upload }) => upload.key === key);
  }

  #say(key: number, message: ToUploader): void {
    const entry = this.#find(key);
    if (entry !== undefined) this.#tell(entry, message);
  }

  #tell({ worker }: Entry, message: ToUploader): void {
    worker.postMessage(message);
  }
}

/** What a message of its worker changes of an upload. */
function changeBy(entry: Entry, message: FromUploader): Partial<Upload> {
  switch (message.kind) {
    case 'begun':
      return { state: 'sends', jobId: message.jobId, size: message.size };
    case 'sent':
      return { state: 'sends', sent: message.bytes, rate: rateOf(entry, message.bytes) };
    case 'waiting':
      return { state: 'waits', rate: 0 };
    case 'paused':
      return { state: 'pauses', rate: 0 };
    case 'done':
      return { state: 'done', sent: entry.upload.size, rate: 0 };
    case 'failed':
      return { state: 'failed', rate: 0, error: { code: message.code, detail: message.detail } };
    case 'canceled':
      return {};
  }
}

function rateOf(entry: Entry, bytes: number): number {
  const now = performance.now();
  entry.seen.push({ at: now, bytes });
  entry.seen = entry.seen.filter(({ at }, i) => at >= now - WINDOW || i >= entry.seen.length - 2);
  const first = entry.seen[0] as { at: number; bytes: number };
  return now - first.at < 500 ? entry.upload.rate : ((bytes - first.bytes) * 1_000) / (now - first.at);
}

export const uploadList = new UploadList();

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(uploadList.subscribe, uploadList.get);
}

/** Leaving the page would stop what is sent. */
addEventListener('beforeunload', (event) => {
  const sends = uploadList
    .get()
    .some(({ state }) => state === 'begins' || state === 'sends' || state === 'waits');
  if (sends) event.preventDefault();
});
