/**
 * The thread that writes: the one connection that changes the database. It runs what it is sent in order and waits for
 * the disk, so that the server's event loop does not. It imports nothing but Node and the connection.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { SqliteConnection } from './connection.ts';
import type { Answer, Command, Script } from './writer.ts';

if (isMainThread || parentPort === null) throw new Error('a writer runs in a thread');
const port = parentPort;
// A short direct write of another process (`daybook key create`) is waited for here: nobody else waits on this thread.
const connection = new SqliteConnection(workerData as string, { busyTimeout: 10_000 });

port.on('message', (script: Script) => {
  port.postMessage(answerTo(script));
  if (script.at(-1)?.kind === 'close') port.close();
});

/** Runs the commands up to the first that fails; the answer is that of the last one. */
function answerTo(script: Script): Answer {
  try {
    let result: unknown;
    for (const command of script) result = run(command);
    return { result };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    // Properties of an error do not survive the way between threads.
    return { error: { message, ...(errcode !== undefined && { errcode }) } };
  }
}

function run(command: Command): unknown {
  switch (command.kind) {
    case 'exec':
      return connection.exec(command.sql);
    case 'run':
      return connection.run(command.sql, command.parameters);
    case 'rows':
      return connection.rows(command.sql, command.keys);
    case 'write': {
      const statement = connection.statement(command.sql);
      for (const row of command.rows) statement.run(...row);
      return undefined;
    }
    case 'close':
      connection.optimize();
      return connection.close();
  }
}
