import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { RealServer } from '../bed/real-server.ts';
import { makeRunFolder, type RunFolder } from '../bed/run-folder.ts';

const command = join(import.meta.dirname, '../../packages/cli/bin/daybook.js');

/**
 * A house that takes bundles in, asks a policy and tells a metadata service, and is killed: one process on SQLite; on PostgreSQL
 * one that serves and one that works.
 */
export class KillRig {
  readonly folder: RunFolder;
  readonly server: RealServer;
  readonly #hooks: Server;
  readonly #workerEnv: NodeJS.ProcessEnv | undefined;
  #worker: ChildProcess | undefined;

  private constructor(
    folder: RunFolder,
    server: RealServer,
    hooks: Server,
    workerEnv: NodeJS.ProcessEnv | undefined,
  ) {
    this.folder = folder;
    this.server = server;
    this.#hooks = hooks;
    this.#workerEnv = workerEnv;
  }

  static async open(postgresUrl: string | undefined): Promise<KillRig> {
    const folder = await makeRunFolder('kill-rig');
    const hooks = await slowHooks();
    const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/`;
    const settings = {
      archive: join(folder.path, 'archive'),
      'policy-url': url,
      'metadata-url': url,
      'move-roots': join(folder.path, 'in'),
      'rate-limit': '1000000',
      ...(postgresUrl !== undefined && { data: join(folder.path, 'data') }),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const server = await RealServer.open({
      ...(postgresUrl !== undefined && { postgresUrl }),
      flags: [...flags, '--ingest-networks', '127.0.0.1/32', ...(postgresUrl ? ['--no-work'] : [])],
    });
    const { PATH, HOME } = process.env;
    const env = Object.fromEntries(
      Object.entries({ ...settings, 'database-url': server.location }).map(([name, value]) => [
        `DAYBOOK_${name.toUpperCase().replaceAll('-', '_')}`,
        value,
      ]),
    );
    const rig = new KillRig(
      folder,
      server,
      hooks,
      postgresUrl === undefined ? undefined : { PATH, HOME, ...env },
    );
    await rig.#startWorker();
    return rig;
  }

  /** `kill -9` of the server, the worker or both; they are back when this resolves. */
  async killSome(): Promise<void> {
    const chance = this.#workerEnv === undefined ? 0 : Math.random() * 3;
    await Promise.all([chance < 2 && this.server.kill(), chance >= 1 && this.#killWorker()]);
    await this.start();
  }

  async killAll(): Promise<void> {
    await Promise.all([this.server.kill(), this.#killWorker()]);
  }

  async start(): Promise<void> {
    const { server } = this;
    await Promise.all([server.isUp || server.start(), this.#worker === undefined && this.#startWorker()]);
  }

  async remove(): Promise<void> {
    await this.#killWorker();
    await this.server.remove();
    this.#hooks.closeAllConnections();
    this.#hooks.close();
    await this.folder.remove();
  }

  async #startWorker(): Promise<void> {
    if (this.#workerEnv === undefined) return;
    this.#worker = spawn(process.execPath, [command, 'work'], { env: this.#workerEnv, stdio: 'ignore' });
    await once(this.#worker, 'spawn');
  }

  async #killWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    const gone = once(worker, 'exit');
    worker.kill('SIGKILL');
    await gone;
  }
}

/** Policy and metadata service in one: says yes, in its own time. */
async function slowHooks(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', async () => {
      await pass(Math.random() * 200);
      response.end('{"status": "success"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
