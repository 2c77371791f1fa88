import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Daybook, sendAll } from '@daybook/sdk';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { TransferLine } from './transfer-line.ts';

/** Sends a tar that is there as the bytes of a failed job; what a call before this one has begun goes on where it stopped. */
export async function sendTar(
  daybook: Daybook,
  path: string,
  job: number,
  terminal: Terminal,
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new CommandError(`there is no file ${path}`, exitCodes.notFound);
  const { size } = found;
  const line = new TransferLine(terminal, 'sent');
  try {
    await sendAll(daybook.uploads, job, {
      from: (start) => createReadStream(path, { start, highWaterMark: 1024 * 1024 }),
      offset: await offsetOf(daybook, job, size),
      size,
      signal: new AbortController().signal,
      onProgress: (sent) => line.show(sent, size),
      onTrouble: ({ message }) => {
        line.end();
        tell(terminal, `daybook: ${message.replace('/api/v1', '')}; trying again`);
      },
    });
  } finally {
    line.end();
  }
}

async function offsetOf({ jobs, uploads }: Daybook, job: number, size: number): Promise<number> {
  const { status } = await jobs.get(job);
  if (status !== 'running') return (await uploads.create(size, { job: String(job) })).offset;
  const begun = await uploads.get(job);
  if (begun.length === size) return begun.offset;
  throw new CommandError(
    `job ${job} waits for ${begun.length} bytes, and this file has ${size}`,
    exitCodes.refused,
  );
}
