import { connect, type Socket } from 'node:net';

/**
 * A load generator that costs little itself, so that on a small machine the server is what is measured: raw sockets, one
 * request in flight on each, responses only counted (status and length), no JSON.
 */
export interface Load {
  port: number;
  connections: number;
  seconds: number;
  /** Head and body of the next request of a connection. */
  next(connection: number, sequence: number): { path: string; body: string };
  headers: Record<string, string>;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  max: number;
}

export async function httpLoad(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const head = Object.entries(load.headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const begin = performance.now();
  const until = begin + load.seconds * 1_000;
  await Promise.all(
    Array.from({ length: load.connections }, (_, connection) =>
      drive(load, connection, head, until, (milliseconds) => latencies.push(milliseconds)),
    ),
  );
  const seconds = (performance.now() - begin) / 1_000;
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  };
}

function drive(
  load: Load,
  connection: number,
  head: string,
  until: number,
  done: (milliseconds: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
    let sequence = 0;
    let sentAt = 0;
    let received = '';
    const send = () => {
      if (performance.now() >= until) {
        socket.end();
        resolve();
        return;
      }
      const { path, body } = load.next(connection, sequence++);
      sentAt = performance.now();
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${load.port}\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    };
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const whole = wholeResponse(received);
      if (whole === undefined) return;
      if (whole.status >= 300) {
        reject(new Error(`the server answered ${received.slice(0, 1_000)}`));
        socket.destroy();
        return;
      }
      received = received.slice(whole.length);
      done(performance.now() - sentAt);
      send();
    });
  });
}

function wholeResponse(text: string): { status: number; length: number } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  if (length === undefined) throw new Error(`a response without content-length: ${text.slice(0, 500)}`);
  const whole = end + 4 + Number(length);
  return text.length < whole ? undefined : { status: Number(text.slice(9, 12)), length: whole };
}
