export type { BulkRead, BulkWrite, Value } from './bulk.ts';
export type * from './bundle-tables.ts';
export type { EngineProfile, Position } from './engine-profile.ts';
export { migrate, SchemaTooNewError, schemaVersions } from './migrate.ts';
export { openPostgres } from './postgres/postgres-store.ts';
export type * from './schema.ts';
export { openSqlite } from './sqlite/sqlite-store.ts';
export type { RowMarks, Store, Transaction, WriteOptions } from './store.ts';
