import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { LocalFile, SentFile } from '@daybook/sdk';

/** Reads files for their SHA-256. */
export async function hashLocalFiles(
  files: readonly LocalFile[],
  onProgress: (bytes: number, size: number) => void,
): Promise<SentFile[]> {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const hashed: SentFile[] = [];
  let read = 0;
  for (const file of files) {
    const hash = createHash('sha256');
    let own = 0;
    for await (const chunk of createReadStream(file.source, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk as Buffer);
      own += (chunk as Buffer).length;
      onProgress((read += (chunk as Buffer).length), size);
    }
    hashed.push({ path: file.path, size: own, sha256: hash.digest('hex') });
  }
  return hashed;
}
