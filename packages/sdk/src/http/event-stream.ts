/** One message of a `text/event-stream` (WHATWG HTML, "Server-sent events"). */
export interface StreamMessage {
  readonly event: string;
  readonly data: string;
  /** The last id that was seen, also of earlier messages; where to resume from. */
  readonly id: string | undefined;
}

/** Reads messages as they arrive; comments count as signs of life only, see `onLife`. Ends when the body ends. */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  onLife: () => void = () => {},
): AsyncGenerator<StreamMessage> {
  let rest = '';
  let id: string | undefined;
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    onLife();
    rest += decoder.decode(chunk, { stream: true });
    // A lone \r at the end may be the first half of \r\n.
    const blocks = rest.split(/\r\n\r\n|\n\n|\r\r(?!$)/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = readBlock(block);
      if (message.id !== undefined) id = message.id;
      if (message.data !== undefined) yield { event: message.event, data: message.data, id };
    }
  }
}

function readBlock(block: string): { event: string; data: string | undefined; id: string | undefined } {
  let event = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }
  return { event, data: data.length === 0 ? undefined : data.join('\n'), id };
}
