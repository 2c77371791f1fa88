import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Daybook } from '@daybook/sdk';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TransferLine } from './transfer-line.ts';

/** Sends a tar that is there as the bytes of a failed job. */
export async function sendTar(
  daybook: Daybook,
  path: string,
  job: number,
  terminal: Terminal,
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new CommandError(`there is no file ${path}`, exitCodes.notFound);
  const line = new TransferLine(terminal, 'sent');
  await daybook.uploads.create(found.size, { job: String(job) });
  try {
    for (let offset = 0; offset < found.size; ) {
      offset = await daybook.uploads.send(
        job,
        offset,
        counted(path, offset, (sent) => line.show(sent, found.size)),
      );
    }
  } finally {
    line.end();
  }
}

async function* counted(
  path: string,
  from: number,
  onSent: (sent: number) => void,
): AsyncGenerator<Uint8Array, void> {
  let sent = from;
  for await (const chunk of createReadStream(path, { start: from, highWaterMark: 1024 * 1024 })) {
    yield chunk as Buffer;
    onSent((sent += (chunk as Buffer).length));
  }
}
