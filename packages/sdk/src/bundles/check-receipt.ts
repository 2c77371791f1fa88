import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Bundle } from '@daybook/core';
import type { BundlesApi } from '../api/bundles.ts';

/** A file as it was sent. */
export interface SentFile {
  /** Under `data/`. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** The archive does not say what it should: each fault is a sentence. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.slice(0, 5).join('; '));
    this.faults = faults;
  }
}

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

interface Statement {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
}

/**
 * Holds what was sent against what the archive has signed for: the receipt's signature (DSSE, ed25519), the manifest that it
 * names, and every file in it. Throws {@link ReceiptError}.
 */
export async function checkReceipt(
  bundles: BundlesApi,
  bundle: Pick<Bundle, 'id'>,
  sent: readonly SentFile[],
  signal?: AbortSignal,
): Promise<void> {
  const envelope = (await (await bundles.receipt(bundle.id, signal)).json()) as Envelope;
  const { publicKey } = await bundles.receiptKey();
  const payload = Buffer.from(envelope.payload, 'base64');
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  const signed = Buffer.concat([Buffer.from(head), payload]);
  const key = createPublicKey(publicKey);
  const isSigned = envelope.signatures.some(({ sig }) =>
    verify(null, signed, key, Buffer.from(sig, 'base64')),
  );
  if (!isSigned) throw new ReceiptError(['the signature of the receipt is wrong']);
  const { subject } = JSON.parse(payload.toString('utf8')) as Statement;
  const named = subject.find(({ name }) => name === 'manifest.json')?.digest.sha256;
  const faults = await checkManifest(await bundles.manifest(bundle.id, signal), named, sent);
  if (faults.length > 0) throw new ReceiptError(faults);
}

/** The manifest has one member a line: it is read once, however long it is. */
async function checkManifest(
  response: Response,
  expected: string | undefined,
  sent: readonly SentFile[],
): Promise<string[]> {
  const wanted = new Map(sent.map((file) => [`data/${file.path}`, file]));
  const faults: string[] = [];
  const hash = createHash('sha256');
  for await (const line of linesOf(response, hash)) {
    const member = memberIn(line);
    if (member === undefined) continue;
    const { path, size, sha256 } = member;
    const file = wanted.get(path);
    if (file === undefined) continue;
    wanted.delete(path);
    if (file.size !== size || file.sha256 !== sha256)
      faults.push(`${file.path} is another in the archive (${sha256}) than here (${file.sha256})`);
  }
  for (const { path } of wanted.values()) faults.push(`${path} is not in the archive`);
  return hash.digest('hex') === expected
    ? faults
    : ['the manifest is not the one that was signed', ...faults];
}

async function* linesOf(
  response: Response,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body ?? []) {
    hash.update(bytes);
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest + decoder.decode();
}

function memberIn(line: string): SentFile | undefined {
  if (!line.startsWith('{"')) return undefined;
  try {
    return JSON.parse(line.replace(/,$/, '')) as SentFile;
  } catch {
    return undefined;
  }
}
