/**
 * The thread that writes: the one connection that changes the database. It runs what it is sent in order and waits for
 * the disk, so that the server's event loop does not. It imports nothing but Node, the connection, its upkeep and the words for
 * rows.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type Columns, ROWS_AT_ONCE, type Value, varies } from '../bulk.ts';
import { SqliteConnection } from './connection.ts';
import { Upkeep } from './upkeep.ts';
import type { Answer, Command, Script } from './writer.ts';

if (isMainThread || parentPort === null) throw new Error('a writer runs in a thread');
const port = parentPort;

// A short direct write of another process (`daybook key create`) is waited for here: nobody else waits on this thread.
const connection = new SqliteConnection(workerData as string, { busyTimeout: 10_000 });
const upkeep = new Upkeep(connection);

port.on('message', (script: Script) => {
  port.postMessage(answerTo(script));
  if (script.at(-1)?.kind === 'close') {
    upkeep.stop();
    port.close();
  } else if (sqlOf(script.at(-1)) === 'COMMIT') upkeep.committed();
});

/**
 * Why a task of the transaction failed, at its end or in rows that nobody waited for. What comes behind was sent before that
 * was known, and must not be run: on a full disk the transaction may be gone, and this would be one of its own.
 */
let failed: Answer | undefined;

function answerTo(script: Script): Answer {
  const [first, last] = [sqlOf(script[0]), script.at(-1)];
  if (first.startsWith('BEGIN') || first.startsWith('ROLLBACK')) failed = undefined;
  if (failed !== undefined) return failed;
  const answer = answerOf(script);
  const goesOn = last?.kind === 'write' || sqlOf(last).endsWith('RELEASE task');
  if ('error' in answer && goesOn) failed = answer;
  return answer;
}

function sqlOf(command: Command | undefined): string {
  return command?.kind === 'exec' ? command.sql : '';
}

/** Runs the commands up to the first that fails; the answer is that of the last one. */
function answerOf(script: Script): Answer {
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
    case 'write':
      return write(command);
    case 'close':
      connection.optimize();
      return connection.close();
  }
}

function write({ sql, manySql, rows }: Extract<Command, { kind: 'write' }>): void {
  const from = manySql === undefined ? 0 : writeMany(manySql, rows);
  const statement = connection.statement(sql);
  for (let n = from; n < rows.count; n++)
    statement.run(...rows.columns.map((column) => (varies(column) ? (column[n] as Value) : column)));
}

/** Writes {@link ROWS_AT_ONCE} rows at a time; answers the first row that is left. */
function writeMany(sql: string, { count, columns }: Columns): number {
  const statement = connection.statement(sql);
  const values = columns.filter((column) => !varies(column)) as Value[];
  const shared = values.length;
  const own = columns.filter(varies);
  let from = 0;
  for (; from + ROWS_AT_ONCE <= count; from += ROWS_AT_ONCE) {
    let place = shared;
    for (let n = from; n < from + ROWS_AT_ONCE; n++)
      for (const column of own) values[place++] = column[n] as Value;
    statement.run(...values);
  }
  return from;
}
