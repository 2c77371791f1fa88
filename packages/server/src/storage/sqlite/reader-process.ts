/**
 * A process that only reads: long queries run here, so that they never hold up the server's event loop, and one that
 * takes too long can be killed (SQLite cannot be interrupted from JavaScript). It imports nothing but Node: it is
 * started with every server and must stay small.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] as string, { readOnly: true, timeout: 5_000 });
database.exec('PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000; PRAGMA mmap_size = 268435456');

process.on('message', (request: { id: number; sql: string; parameters: SQLInputValue[] }) => {
  try {
    const rows = database.prepare(request.sql).all(...request.parameters);
    process.send?.({ id: request.id, rows });
  } catch (error) {
    process.send?.({ id: request.id, error: error instanceof Error ? error.message : String(error) });
  }
});
// A server that died leaves nobody to read for.
process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal reaches the whole group; the server decides when its readers end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
