import { LiveHub } from './hub.ts';
import type { TabMessage } from './protocol.ts';
import { connectByFetch } from './stream-connection.ts';
import { later } from './timer.ts';

/** The SharedWorker: one hub for all tabs of this browser. */
const hub = new LiveHub({ connect: connectByFetch, now: Date.now, random: Math.random, later });

addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent<TabMessage>) => hub.receive(port, message.data);
});
