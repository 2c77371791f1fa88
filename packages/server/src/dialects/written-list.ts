import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from '../route.ts';

/** A list without pages, written while it is read: 10,000 jobs never stand in memory together. */
export async function writtenList<Item>(parts: AsyncGenerator<readonly Item[], void>): Promise<Answer> {
  // Read before the answer begins: what fails then can still be told.
  const first = await parts.next();
  return {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    stream: (out) => {
      // Whoever has gone, or a database that fails in the middle, ends the connection: half a list must not look whole.
      pipeline(Readable.from(written(first, parts)), out).catch(() => out.destroy());
    },
  };
}

async function* written<Item>(
  first: IteratorResult<readonly Item[], void>,
  parts: AsyncGenerator<readonly Item[], void>,
): AsyncGenerator<string, void> {
  let before = '[';
  for (let part = first; part.done !== true; part = await parts.next()) {
    if (part.value.length === 0) continue;
    yield before + part.value.map((item) => JSON.stringify(item)).join(',');
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}
