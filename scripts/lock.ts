import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const RETRY_MS = 100;

/**
 * Runs `action` while no other process of this machine runs one under the same name.
 *
 * The lock is a listening local socket without a file (Linux: abstract namespace, Windows: pipe), because the system
 * takes it back when its holder dies: a lock file would stay and have to be judged stale. Elsewhere there is no such
 * socket and no lock.
 */
export async function underLock<Result>(name: string, action: () => Promise<Result>): Promise<Result> {
  const address = lockAddress(name);
  if (!address) return await action();
  const held = await take(address);
  try {
    return await action();
  } finally {
    held.close();
  }
}

function lockAddress(name: string): string | undefined {
  const id = `daybook-${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${id}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${id}`;
  return undefined;
}

async function take(address: string): Promise<Server> {
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    try {
      server.listen(address);
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      await wait(RETRY_MS);
    }
  }
}
