import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Logs, scripts and READMEs are text of a few lines; what is larger is read as far as this. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads a file that somebody else wrote: a regular one, never through a link in its last part, since what stands there
 * is shown to others who may not read what a link could lead to; and never one that would make us wait.
 *
 * @throws NodeJS.ErrnoException
 */
export async function readSmallFile(path: string | Buffer, most = MOST_BYTES): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat().then((stat) => {
      if (stat.isFile()) return stat;
      throw Object.assign(new Error(`${path.toString()} is no regular file`), { code: 'EINVAL' });
    });
    const buffer = Buffer.alloc(Math.min(size, most));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A name below a directory whose bytes need not be UTF-8. */
export function below(directory: Buffer, name: string): Buffer {
  return Buffer.concat([directory, Buffer.from(`/${name}`)]);
}

/** As people read it. */
export function shown(path: Buffer): string {
  const text = path.toString('utf8');
  return text.includes('\ufffd') ? path.toString('latin1') : text;
}
