import type { Migration } from './migration.ts';

/** Every printable ASCII character that is no letter or digit, and the two marks of core's search document. */
const tokenCharacters = `${String.fromCharCode(
  ...Array.from({ length: 94 }, (_, i) => 33 + i).filter(
    (code) => !/[a-z0-9]/i.test(String.fromCharCode(code)),
  ),
)}\u0001\u0002`;

/**
 * Splits at white space alone and changes nothing: words were split and folded by core, once for both engines. FTS5 takes
 * every character outside ASCII for a part of a word here.
 */
const asItStands = `ascii tokenchars '${tokenCharacters.replaceAll("'", "''")}'`.replaceAll('"', '""');

/**
 * The words of jobs. `job_words` is written like any table, and holds what a query is held against; the indexes beside it
 * follow by themselves. Contentless FTS5 without positions is the smallest that can delete; words of two to four letters
 * have lists of their own, because people see results while they type. Names and paths are found by any part of them: by
 * trigrams, on PostgreSQL where its extension is at hand.
 */
export const search: Migration = {
  version: 10,
  name: 'search',
  statements: [
    `CREATE TABLE job_words (
      job_id {key}, words TEXT NOT NULL, prose TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL
    ){strict}`,
    // SQLite's name for it, so that conditions read the same on both engines.
    {
      postgres: `CREATE OR REPLACE FUNCTION instr(whole TEXT, part TEXT) RETURNS INTEGER
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT strpos(whole, part)'`,
    },
    `CREATE INDEX jobs_name ON jobs (name, id)`,
    {
      sqlite: `CREATE VIRTUAL TABLE word_index USING fts5(
        words, tokenize="${asItStands}", content='', contentless_delete=1, detail=none, prefix='2 3 4')`,
      postgres: `CREATE INDEX job_words_words ON job_words
        USING gin (array_to_tsvector(array_remove(string_to_array(words, E'\\n'), '')))
        WITH (gin_pending_list_limit = 512)`,
    },
    {
      sqlite: `CREATE VIRTUAL TABLE part_index USING fts5(
        parts, tokenize="trigram case_sensitive 1", content='', contentless_delete=1, detail=none)`,
      postgres: `DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX job_words_name ON job_words USING gin (name gin_trgm_ops) WITH (gin_pending_list_limit = 512);
        CREATE INDEX job_words_path ON job_words USING gin (path gin_trgm_ops) WITH (gin_pending_list_limit = 512);
      EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'pg_trgm is not at hand: parts of names and paths are looked for without an index';
      END $$`,
    },
    {
      sqlite: `CREATE TRIGGER job_words_added AFTER INSERT ON job_words BEGIN
        INSERT INTO word_index (rowid, words) VALUES (new.job_id, new.words);
        INSERT INTO part_index (rowid, parts) VALUES (new.job_id, new.name || char(10) || new.path);
      END`,
    },
    {
      sqlite: `CREATE TRIGGER job_words_changed AFTER UPDATE OF words ON job_words WHEN old.words <> new.words BEGIN
        DELETE FROM word_index WHERE rowid = old.job_id;
        INSERT INTO word_index (rowid, words) VALUES (new.job_id, new.words);
      END`,
    },
    {
      sqlite: `CREATE TRIGGER job_parts_changed AFTER UPDATE OF name, path ON job_words
        WHEN old.name <> new.name OR old.path <> new.path BEGIN
        DELETE FROM part_index WHERE rowid = old.job_id;
        INSERT INTO part_index (rowid, parts) VALUES (new.job_id, new.name || char(10) || new.path);
      END`,
    },
    {
      sqlite: `CREATE TRIGGER job_words_removed AFTER DELETE ON job_words BEGIN
        DELETE FROM word_index WHERE rowid = old.job_id;
        DELETE FROM part_index WHERE rowid = old.job_id;
      END`,
    },
    // Jobs that are there already get their words from a duty, newest first, up to this id at the beginning.
    `INSERT INTO counters (name, value) SELECT 'words_left', coalesce(max(id), 0) FROM jobs`,
  ],
};
