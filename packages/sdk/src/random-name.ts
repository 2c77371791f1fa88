import { randomBytes } from 'node:crypto';

/** 96 random bits as 24 letters and digits, good for file names, keys and addresses. */
export function randomName(): string {
  return randomBytes(12).toString('hex');
}
