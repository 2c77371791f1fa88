import { EventStreamParser, type StreamMessage } from './event-stream.ts';

/** Why a connection ended: `refused` means that the session is over, `unknown-position` that it cannot be resumed there. */
export type ConnectionEnd = 'lost' | 'refused' | 'unknown-position';

export interface Connection {
  close(): void;
}

/** Opens a stream and reports what it says; `onEnd` comes once, and not after `close`. */
export type Connect = (
  url: string,
  onMessage: (message: StreamMessage) => void,
  onEnd: (end: ConnectionEnd) => void,
) => Connection;

/** The server says something every 15 s; three of those missing mean that the line is dead. */
const silentAfter = 50_000;

/** The stream over fetch. See {@link EventStreamParser} for why it is not an EventSource. */
export const connectByFetch: Connect = (url, onMessage, onEnd) => {
  const controller = new AbortController();
  let closed = false;
  const end = (why: ConnectionEnd) => {
    if (closed) return;
    closed = true;
    controller.abort();
    onEnd(why);
  };
  readStream(url, controller.signal, (message) => closed || onMessage(message)).then(end, () => end('lost'));
  return {
    close() {
      closed = true;
      controller.abort();
    },
  };
};

async function readStream(
  url: string,
  signal: AbortSignal,
  onMessage: (message: StreamMessage) => void,
): Promise<ConnectionEnd> {
  const response = await fetch(url, { signal, headers: { accept: 'text/event-stream' }, cache: 'no-store' });
  if (response.status === 401) return 'refused';
  if (response.status === 400) return 'unknown-position';
  if (!response.ok || !response.body) return 'lost';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventStreamParser();
  for (;;) {
    const { done, value } = await withinSilence(reader);
    if (done) return 'lost';
    for (const message of parser.read(value)) onMessage(message);
  }
}

/** The next piece, or an error if the line stays silent for too long. */
async function withinSilence(reader: ReadableStreamDefaultReader<string>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream fell silent')), silentAfter);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
