import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A link that lets only so many bytes up, and then stands still until it is cut. */
export class StallingProxy {
  /** Bytes that went up. */
  passed = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #room = Number.POSITIVE_INFINITY;
  #stalled = Promise.withResolvers<void>();

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      }
      upstream.pipe(client);
      client.on('close', () => upstream.destroy()).on('end', () => upstream.end());
      client.on('data', (bytes) => {
        const part = bytes.subarray(0, Math.max(0, Math.min(bytes.length, this.#room)));
        this.#room -= part.length;
        this.passed += part.length;
        upstream.write(part);
        if (this.#room > 0) return;
        client.pause();
        this.#stalled.resolve();
      });
    });
  }

  static async before(address: string): Promise<StallingProxy> {
    const proxy = new StallingProxy(Number(new URL(address).port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when `bytes` more have gone up and nothing moves any more. */
  async stallAfter(bytes: number): Promise<void> {
    this.#stalled = Promise.withResolvers();
    this.#room = bytes;
    await this.#stalled.promise;
  }

  /** All connections are gone; new ones are let through. */
  mend(): void {
    this.#room = Number.POSITIVE_INFINITY;
    this.passed = 0;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.mend();
    this.#server.close();
  }
}
