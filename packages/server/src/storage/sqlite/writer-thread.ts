/**
 * The thread that writes: the one connection that changes the database. It runs what it is sent in order and waits for
 * the disk, so that the server's event loop does not. It imports nothing but Node, the connection and the words for rows.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type Columns, ROWS_AT_ONCE, type Value, varies } from '../bulk.ts';
import { SqliteConnection } from './connection.ts';
import type { Answer, Command, Script } from './writer.ts';

if (isMainThread || parentPort === null) throw new Error('a writer runs in a thread');
const port = parentPort;

/**
 * How long after a commit the log is moved, milliseconds: 1 to 3 ms of work each time under load. A longer log takes longer
 * in one go, and everybody waits who reports meanwhile.
 */
const CHECKPOINT = 200;
/** How soon it is looked again whether a transaction has ended, milliseconds. */
const BETWEEN = 1;
/** The commit that makes the log longer than that moves it all the same, pages of 4 KiB. */
const LONGEST_LOG = 25_000;

// A short direct write of another process (`daybook key create`) is waited for here: nobody else waits on this thread.
const connection = new SqliteConnection(workerData as string, { busyTimeout: 10_000 });

connection.exec(`PRAGMA wal_autocheckpoint = ${LONGEST_LOG}`);
let checkpointing: NodeJS.Timeout | undefined;

port.on('message', (script: Script) => {
  port.postMessage(answerTo(script));
  if (script.at(-1)?.kind === 'close') {
    clearTimeout(checkpointing);
    port.close();
  } else if (sqlOf(script.at(-1)) === 'COMMIT') checkpointing ??= setTimeout(checkpoint, CHECKPOINT);
});

/**
 * Moves what the write-ahead log holds into the database, now and then, between transactions. SQLite by itself would do it
 * within every eighth commit or so, while callers wait for that; and a long log that is left would hold up whoever writes
 * next.
 */
function checkpoint(): void {
  // SQLite would refuse.
  checkpointing = connection.isTransaction ? setTimeout(checkpoint, BETWEEN) : undefined;
  if (checkpointing !== undefined) return;
  try {
    connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // What was committed is in the log, and stays there for the next time. A disk that fails fails the next commit, too.
  }
}

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
