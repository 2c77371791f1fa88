import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * What a secret is for, readable in the secret itself: people see what they hold, and scanners of repositories and our
 * own log find it wherever it slips in (`/\bdb[kslipb]_[\w-]{49}/`).
 */
export const secretKinds = {
  key: 'dbk_',
  session: 'dbs_',
  link: 'dbl_',
  invitation: 'dbi_',
  progress: 'dbp_',
  badge: 'dbb_',
} as const;
export type SecretKind = keyof typeof secretKinds;

/** Letters of a secret that may be shown, so that people can tell keys apart: the kind and 48 of 256 random bits. */
export const SHOWN = 12;

/** 256 random bits with a checksum behind them, as text: `dbk_` + 43 + 6 letters of base64url. */
export function newSecret(kind: SecretKind): string {
  const random = secretKinds[kind] + randomBytes(32).toString('base64url');
  return random + checksum(random);
}

/** False for a secret of ours that was mistyped, cut off or made up; nobody needs to look for it. */
export function isWhole(secret: string): boolean {
  return secret.length === 53 && checksum(secret.slice(0, -6)) === secret.slice(-6);
}

/** What is stored in place of a secret. It has 256 random bits, so a fast hash is enough. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64url');
}
