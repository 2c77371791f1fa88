import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Signs receipts (ed25519). */
export interface ReceiptKey {
  /** SHA-256 of the public key (SPKI, DER), hexadecimal. */
  readonly id: string;
  /** The public key as PEM, for whoever checks. */
  readonly publicPem: string;
  sign(bytes: Uint8Array): Buffer;
}

/** The key of a PEM. Throws for any other than ed25519. */
export function receiptKeyOf(pem: string): ReceiptKey {
  const key: KeyObject = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error('the receipt key must be an ed25519 private key (PEM)');
  const publicKey = createPublicKey(key);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    id: createHash('sha256').update(spki).digest('hex'),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => sign(null, bytes, key),
  };
}

/** The key in the data directory, made at the first start for its owner alone. */
export function receiptKeyIn(directory: string): ReceiptKey {
  const file = join(directory, 'receipt-key.pem');
  try {
    return receiptKeyOf(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(directory, { recursive: true });
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, pem, { mode: 0o600, flush: true });
  try {
    // Whole or not at all; of two processes that start at once the first one's stays.
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh);
  }
  return receiptKeyOf(readFileSync(file, 'utf8'));
}
