import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  /** Headers and body, as they came. */
  readonly source: string;
}

/** A mail server that takes everything, or refuses some addresses; enough of RFC 5321 for one client. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  readonly refused = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let [buffer, from, to, data] = ['', '', '', false];
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 mail');
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      buffer += chunk;
      for (;;) {
        const end = data ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (data ? 5 : 2));
        if (data) {
          data = false;
          this.mails.push({ from, to, source: text });
          say('250 taken');
        } else if (/^ehlo/i.test(text)) say('250 mail');
        else if (/^mail from/i.test(text)) {
          from = addressIn(text);
          say('250 ok');
        } else if (/^rcpt to/i.test(text)) {
          to = addressIn(text);
          say(this.refused.has(to) ? '550 nobody here' : '250 ok');
        } else if (/^data/i.test(text)) {
          data = true;
          say('354 go on');
        } else if (/^quit/i.test(text)) {
          say('221 bye');
          socket.end();
        } else say('250 ok');
      }
    });
  }
}

function addressIn(command: string): string {
  return /<([^>]*)>/.exec(command)?.[1] ?? '';
}
