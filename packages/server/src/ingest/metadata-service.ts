import { type Asking, ask, isSuccess, reasonIn, ServiceAwayError } from './asking.ts';
import { BundleFault } from './bundle-fault.ts';
import { metadataEntries } from './metadata-entries.ts';

/** The old metadata service, if there is one. */
export interface MetadataService {
  readonly url: string;
  readonly asking: Asking;
}

/** The numbers that go with a document: of its job, and of its first file; the others follow. */
export interface DocumentNumbers {
  readonly transaction: number;
  readonly firstFile: number;
}

/**
 * Tells the old metadata service what has come: the document with `Transactions._id` added, `_id` on each file and `data/`
 * clipped from `subdir`. Throws {@link BundleFault} in `ingest metadata`.
 */
export async function tellMetadata(
  { url, asking }: MetadataService,
  read: () => AsyncIterable<Uint8Array>,
  numbers: DocumentNumbers,
  signal: AbortSignal,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = () => numberedDocument(read(), numbers);
  try {
    const answer = await ask(url, { method: 'PUT', headers, body }, asking, signal);
    if (!isSuccess(answer))
      throw fault('metadata-refused', `The metadata service refuses it: ${reasonIn(answer)}`);
  } catch (error) {
    if (!(error instanceof ServiceAwayError)) throw error;
    throw fault('metadata-service-away', `The metadata service ${error.message}. Retry the job.`, error);
  }
}

const text = new TextEncoder();

/** The document as the old service wants it, piece by piece. */
export async function* numberedDocument(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { transaction, firstFile }: DocumentNumbers,
): AsyncGenerator<Uint8Array, void> {
  yield text.encode(`[${JSON.stringify({ destinationTable: 'Transactions._id', value: transaction })}`);
  let file = firstFile;
  for await (const entries of metadataEntries(chunks))
    for (const entry of entries) {
      const said = entry as Readonly<Record<string, unknown>>;
      const isFile = said['destinationTable'] === 'Files';
      const sent = isFile ? { ...said, _id: file++, subdir: clipped(said['subdir']) } : said;
      yield text.encode(`,${JSON.stringify(sent)}`);
    }
  yield text.encode(']');
}

/** Without the `data/` that stands before it in the tar. */
function clipped(subdir: unknown): string {
  return String(subdir ?? '')
    .split('/')
    .filter((part, i) => part !== '' && !(i === 0 && part === 'data'))
    .join('/');
}

function fault(rule: string, message: string, cause?: unknown): BundleFault {
  return new BundleFault('ingest metadata', rule, message, { cause });
}
