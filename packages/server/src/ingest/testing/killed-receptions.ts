import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DirectoryStore } from '../../archive/directory-store.ts';
import { receiptKeyIn } from '../../archive/receipt-key.ts';
import type { Clock } from '../../clock.ts';
import type { Store } from '../../storage/index.ts';
import type { TarThreads } from '../../tar/tar-threads.ts';
import { ReceptionDesk } from '../receptions-desk.ts';

export interface Killed {
  readonly bundleId: number;
  readonly published: boolean;
  /** Where it went on from, the first time at 0. */
  readonly safe: number;
}

const script = fileURLToPath(new URL('./receiving-process.ts', import.meta.url));

/** Lets a process receive the large bundle and kills it after so many milliseconds, if it has not published it before. */
export async function receiveAndKill(
  location: string,
  folder: string,
  after: number,
  bundleId?: number,
): Promise<Killed> {
  const child: ChildProcess = fork(
    script,
    [location, folder, ...(bundleId === undefined ? [] : [String(bundleId)])],
    {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    },
  );
  let published = false;
  const exited = once(child, 'exit');
  const begun = new Promise<{ bundleId: number; safe: number }>((resolve, reject) => {
    child.on('message', (said: 'published' | { bundleId: number; safe: number }) => {
      if (said === 'published') published = true;
      else resolve(said);
    });
    child.once('exit', (code) =>
      reject(new Error(`the receiving process ended with ${code} without a word`)),
    );
  });
  const { bundleId: id, safe } = await begun;
  const timer = setTimeout(() => child.kill('SIGKILL'), after);
  await exited;
  clearTimeout(timer);
  return { bundleId: id, published, safe };
}

export function deskOf(store: Store, folder: string, threads: TarThreads, clock: Clock): ReceptionDesk {
  const objects = new DirectoryStore(join(folder, 'archive'));
  return new ReceptionDesk({
    store,
    objects,
    threads,
    key: () => receiptKeyIn(folder),
    clock,
    owner: 'parent',
  });
}

/** Every file of an archive, without the folders of bundles: `bundle.tar`, `bundle.tar.part`. */
export function filesOfArchive(folder: string): string[] {
  return readdirSync(join(folder, 'archive'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}
