import type {
  CompletedPart,
  ListMultipartUploadsCommandOutput,
  S3Client,
  S3ClientConfig,
  UploadPartCommandOutput,
} from '@aws-sdk/client-s3';
import {
  MissingObjectError,
  type ObjectKey,
  type ObjectStore,
  type ObjectWriter,
  type SavedWriter,
} from './object-store.ts';

type Aws = typeof import('@aws-sdk/client-s3');

export interface S3Place {
  readonly bucket: string;
  /** Before every key, without slashes around it; may be empty. */
  readonly prefix: string;
}

/** Smallest part, bytes; S3 takes none below 5 MiB but the last. */
const PART = 8 * 1024 * 1024;
/** Parts of one size before they double: 10,000 is all that S3 takes. */
const PARTS_OF_A_SIZE = 2_000;
const LARGEST_PART = 128 * 1024 * 1024;
/** Parts that are being sent at once: one more is filled meanwhile. */
const AT_ONCE = 2;

/**
 * The archive in a bucket. Tars are multipart uploads, which nobody sees before they are completed; what is sent carries its
 * CRC-64/NVME, which the store checks and keeps. The client is loaded when it is first needed.
 */
export class S3Store implements ObjectStore {
  readonly place: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #config: S3ClientConfig;
  #opening: Promise<{ aws: Aws; client: S3Client }> | undefined;

  constructor({ bucket, prefix }: S3Place, config: S3ClientConfig) {
    this.place = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#config = config;
  }

  async create(key: ObjectKey): Promise<ObjectWriter> {
    const { aws, client } = await this.#open();
    const target = this.#target(key);
    const { UploadId: id = '' } = await client.send(
      new aws.CreateMultipartUploadCommand({
        ...target,
        ChecksumAlgorithm: 'CRC64NVME',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    return new PartWriter(aws, client, target, { size: 0, id, parts: [] });
  }

  async resume(key: ObjectKey, saved: SavedWriter): Promise<ObjectWriter> {
    const { aws, client } = await this.#open();
    const target = this.#target(key);
    const upload = saved as SavedUpload;
    try {
      // Whether it still lives is known before the first byte is sent again.
      await client.send(new aws.ListPartsCommand({ ...target, UploadId: upload.id, MaxParts: 1 }));
    } catch (error) {
      if (isAbsent(error)) throw new MissingObjectError(key);
      if (!isNotImplemented(error)) throw error;
    }
    return new PartWriter(aws, client, target, upload);
  }

  async put(key: ObjectKey, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const { aws, client } = await this.#open();
    const first: Uint8Array[] = [];
    let size = 0;
    let writer: ObjectWriter | undefined;
    for await (const piece of pieces) {
      if (writer !== undefined) {
        await writer.write(Buffer.from(piece));
        continue;
      }
      first.push(piece);
      size += piece.length;
      if (size < PART) continue;
      writer = await this.create(key);
      for (const each of first.splice(0)) await writer.write(Buffer.from(each));
    }
    if (writer !== undefined) await writer.finish();
    else
      await client.send(
        new aws.PutObjectCommand({
          ...this.#target(key),
          Body: Buffer.concat(first),
          ChecksumAlgorithm: 'CRC64NVME',
        }),
      );
  }

  async *read(key: ObjectKey, from: number, to: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    if (to <= from) return;
    const { aws, client } = await this.#open();
    const Range = `bytes=${from}-${to - 1}`;
    const command = new aws.GetObjectCommand({ ...this.#target(key), Range });
    try {
      const { Body } = await client.send(command, { ...(signal !== undefined && { abortSignal: signal }) });
      for await (const piece of Body as AsyncIterable<Uint8Array>) {
        signal?.throwIfAborted();
        yield piece;
      }
    } catch (error) {
      // One that ends before `from` ends early.
      if ((error as { name?: string }).name === 'InvalidRange') return;
      throw isAbsent(error) ? new MissingObjectError(key) : error;
    }
  }

  async size(key: ObjectKey): Promise<number | undefined> {
    const { aws, client } = await this.#open();
    try {
      const { ContentLength } = await client.send(new aws.HeadObjectCommand(this.#target(key)));
      return ContentLength;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async removeFolder(folder: string): Promise<void> {
    const { aws, client } = await this.#open();
    const Bucket = this.#bucket;
    const Prefix = `${this.#prefix}${folder}/`;
    for await (const { Key, UploadId } of this.#uploads(Prefix))
      await client.send(new aws.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    for await (const Key of this.#keys(Prefix))
      await client.send(new aws.DeleteObjectCommand({ Bucket, Key }));
  }

  async *folders(): AsyncIterable<string> {
    const seen = new Set<string>();
    const fresh = (key: string) => {
      const folder = key.slice(this.#prefix.length).split('/').slice(0, -1).join('/');
      if (!/^\d{4}\/\d{2}\/[\w-]+$/.test(folder) || seen.has(folder)) return undefined;
      seen.add(folder);
      return folder;
    };
    for await (const { Key = '' } of this.#uploads(this.#prefix)) {
      const folder = fresh(Key);
      if (folder !== undefined) yield folder;
    }
    for await (const key of this.#keys(this.#prefix)) {
      const folder = fresh(key);
      if (folder !== undefined) yield folder;
    }
  }

  close(): void {
    void this.#opening?.then(({ client }) => client.destroy());
  }

  async *#keys(Prefix: string): AsyncIterable<string> {
    const { aws, client } = await this.#open();
    for await (const { Contents = [] } of aws.paginateListObjectsV2(
      { client },
      { Bucket: this.#bucket, Prefix },
    ))
      for (const { Key } of Contents) if (Key !== undefined) yield Key;
  }

  async *#uploads(Prefix: string) {
    const { aws, client } = await this.#open();
    let markers = {};
    for (;;) {
      const found = await client
        .send(new aws.ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix, ...markers }))
        .catch((error: unknown) => {
          // Such a store needs a rule of its own that drops what was not completed (docs/archive.md).
          if (isNotImplemented(error)) return {} as ListMultipartUploadsCommandOutput;
          throw error;
        });
      yield* found.Uploads ?? [];
      if (found.IsTruncated !== true) return;
      markers = { KeyMarker: found.NextKeyMarker, UploadIdMarker: found.NextUploadIdMarker };
    }
  }

  #target({ folder, name }: ObjectKey) {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${folder}/${name}` };
  }

  #open(): Promise<{ aws: Aws; client: S3Client }> {
    this.#opening ??= import('@aws-sdk/client-s3').then((aws) => ({
      aws,
      client: new aws.S3Client(this.#config),
    }));
    return this.#opening;
  }
}

interface SavedPart {
  readonly etag: string;
  readonly crc: string | undefined;
}

type SavedUpload = SavedWriter & {
  readonly id: string;
  readonly parts: readonly SavedPart[];
};

/** Sends parts as they fill up, some at once; they end where a write ended. */
class PartWriter implements ObjectWriter {
  readonly #aws: Aws;
  readonly #client: S3Client;
  readonly #target: { Bucket: string; Key: string };
  readonly #id: string;
  /** By number - 1; undefined while it is sent. */
  readonly #parts: (SavedPart | undefined)[];
  /** Where each part ends in the object. */
  readonly #ends: number[];
  #sending: Promise<void>[] = [];
  #pieces: Buffer[] = [];
  #filled = 0;
  #size: number;
  #failure: unknown;

  constructor(aws: Aws, client: S3Client, target: { Bucket: string; Key: string }, saved: SavedUpload) {
    this.#aws = aws;
    this.#client = client;
    this.#target = target;
    this.#id = saved.id;
    this.#parts = [...saved.parts];
    // Only the last end is asked for again.
    this.#ends = saved.parts.map(() => saved.size);
    this.#size = saved.size;
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#pieces.push(Buffer.from(bytes));
    this.#filled += bytes.length;
    this.#size += bytes.length;
    if (this.#filled < this.#partSize()) return;
    const full = this.#sending.length >= AT_ONCE ? Promise.race(this.#sending) : undefined;
    this.#send();
    await full;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async makeSafe(upTo: number): Promise<SavedUpload> {
    await Promise.all(this.#sending);
    if (this.#failure !== undefined) throw this.#failure;
    const count = this.#ends.findLastIndex((end, i) => end <= upTo && this.#parts[i] !== undefined) + 1;
    const parts = this.#parts.slice(0, count).filter((part) => part !== undefined);
    return { size: this.#ends[count - 1] ?? 0, id: this.#id, parts };
  }

  async finish(): Promise<void> {
    if (this.#filled > 0 || this.#parts.length === 0) this.#send();
    await Promise.all(this.#sending);
    if (this.#failure !== undefined) throw this.#failure;
    const Parts = this.#parts.map(
      (part, i): CompletedPart => ({ PartNumber: i + 1, ETag: part?.etag, ChecksumCRC64NVME: part?.crc }),
    );
    await this.#client.send(
      new this.#aws.CompleteMultipartUploadCommand({
        ...this.#target,
        UploadId: this.#id,
        MultipartUpload: { Parts },
        ChecksumType: 'FULL_OBJECT',
      }),
    );
  }

  async leave(): Promise<void> {
    await Promise.all(this.#sending);
  }

  #partSize(): number {
    return Math.min(PART * 2 ** Math.floor(this.#parts.length / PARTS_OF_A_SIZE), LARGEST_PART);
  }

  #send(): void {
    const body = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#filled = 0;
    const at = this.#parts.push(undefined) - 1;
    this.#ends.push(this.#size);
    const sent: Promise<void> = this.#upload(body, at + 1)
      .then(({ ETag = '', ChecksumCRC64NVME }) => {
        this.#parts[at] = { etag: ETag, crc: ChecksumCRC64NVME };
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#sending = this.#sending.filter((each) => each !== sent);
      });
    this.#sending.push(sent);
  }

  async #upload(body: Buffer, number: number): Promise<UploadPartCommandOutput> {
    return await this.#client.send(
      new this.#aws.UploadPartCommand({
        ...this.#target,
        UploadId: this.#id,
        PartNumber: number,
        Body: body,
        ChecksumAlgorithm: 'CRC64NVME',
      }),
    );
  }
}

function isAbsent(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound', 'NoSuchUpload'].includes((error as { name?: string }).name ?? '');
}

function isNotImplemented(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NotImplemented' || $metadata?.httpStatusCode === 501 || $metadata?.httpStatusCode === 405;
}
