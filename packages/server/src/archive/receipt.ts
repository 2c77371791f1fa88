import type { ReceiptKey } from './receipt-key.ts';

/*
 * A receipt says who brought what when, and what its manifest is: an in-toto statement (in-toto attestation framework, Statement
 * v1) in a DSSE envelope (secure-systems-lab/dsse, v1.0.2), signed with ed25519.
 */

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const PREDICATE_TYPE = 'urn:daybook:bundle-receipt:1';

interface Statement {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
}

export interface ReceiptFacts {
  readonly bundle: number;
  readonly job: number;
  /** Bytes of the tar. */
  readonly size: number;
  readonly members: number;
  readonly files: number;
  readonly project: string | null;
  readonly submitter: string | null;
  readonly instrument: string | null;
  readonly receivedFrom: string;
  readonly receivedAt: string;
}

/** The text of `receipt.json`. */
export function makeReceipt(key: ReceiptKey, manifestSha256: string, facts: ReceiptFacts): string {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'manifest.json', digest: { sha256: manifestSha256 } }],
    predicateType: PREDICATE_TYPE,
    predicate: facts,
  };
  const payload = Buffer.from(JSON.stringify(statement));
  const signature = key.sign(signedBytes(payload)).toString('base64');
  const envelope = {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: key.id, sig: signature }],
  };
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/** The SHA-256 of the manifest that a receipt names; undefined if it is none. */
export function manifestNamedIn(receipt: string): string | undefined {
  try {
    const { payload } = JSON.parse(receipt) as { payload: string };
    const { subject } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Statement;
    return subject.find(({ name }) => name === 'manifest.json')?.digest.sha256;
  } catch {
    return undefined;
  }
}

/** What DSSE signs: type and payload with their lengths. */
function signedBytes(payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `),
    payload,
  ]);
}
