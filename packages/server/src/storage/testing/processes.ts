import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a script of this folder as a process of its own; resolves when it has said `ready`. */
export async function startProcess(script: string, location: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [location], {
    // Not built yet: `@daybook/core` is read from its sources, as the tests do.
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
  });
  await message(child);
  return child;
}

/** The next thing that a process says. Throws when it ends instead. */
export async function message(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([said]) => said),
      once(child, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`the process ended with ${code} without a word`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}
