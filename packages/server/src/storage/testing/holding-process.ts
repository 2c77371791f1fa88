import { once } from 'node:events';
import { SqliteConnection } from '../sqlite/connection.ts';

/* A short direct writer, such as `daybook key create`: holds SQLite's write lock until it is told to let go. */
const connection = new SqliteConnection(process.argv[2] as string);
connection.exec('BEGIN IMMEDIATE');
connection.exec(`INSERT INTO projects (name, title, created_at) VALUES ('theirs', NULL, 0)`);
process.send?.('ready');
await once(process, 'message');
connection.exec('COMMIT');
connection.close();
process.disconnect();
