/**
 * Gives the memory of a piece back at once. Left to itself it waits for the garbage collector, which looks through the whole heap
 * each time that 64 MB of such pieces have gathered: that cost more than receiving them.
 */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  // A part of something larger is not its alone.
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Pieces that nobody else looks at, each good until the next is asked for. */
export async function* givenBack(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of pieces) {
    yield piece;
    giveBack(piece);
  }
}
