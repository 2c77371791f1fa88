/** One message of a `text/event-stream`. */
export interface StreamMessage {
  readonly event: string;
  readonly data: string;
  /** The last id that was sent, also if an earlier message carried it. */
  readonly id: string;
}

/**
 * Reads a `text/event-stream` (WHATWG HTML, 9.2) piece by piece. EventSource would hide two things that we need: the
 * status of a refused connection, and the comments by which the server says that it is still there.
 */
export class EventStreamParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id = '';

  /** Takes the next piece of text and answers the messages that it completed. */
  read(text: string): StreamMessage[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const messages: StreamMessage[] = [];
    for (const line of lines) {
      const message = this.#readLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (message) messages.push(message);
    }
    return messages;
  }

  #readLine(line: string): StreamMessage | undefined {
    if (line === '') return this.#complete();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    return undefined;
  }

  #complete(): StreamMessage | undefined {
    const message = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    const said = this.#data.length > 0;
    this.#event = '';
    this.#data = [];
    return said ? message : undefined;
  }
}
