import { SourceError } from '../source.ts';
import type { Ends } from './scheduler.ts';
import type { Listing } from './seen.ts';
import type { TailFile } from './tail-file.ts';

/** What a file that a scheduler appends to tells since it was read last. @throws SourceError if it cannot be read */
export async function endsOfFile(file: TailFile, parse: (text: string) => Listing): Promise<Ends> {
  const { text, anew, tooLong } = await file.read().catch((error: NodeJS.ErrnoException) => {
    // It comes into being with the first job that ends.
    if (error.code === 'ENOENT') return { text: '', anew: false, tooLong: false };
    throw new SourceError({ code: 'source.error.file', detail: error.message }, { cause: error });
  });
  const { seen, unread } = parse(text);
  const problem = { code: 'source.problem.longLine', detail: file.path };
  return { seen, unread: tooLong ? [...unread, { id: undefined, problem }] : unread, anew };
}
