import type { Migration } from './migration.ts';

/**
 * PostgreSQL's index of words, over rows of two numbers instead of the texts. What a GIN index takes grows with the pages that
 * hold what it finds: of narrow rows a page has two hundred, of texts a dozen, and a common word is on all of them.
 *
 * The index reads the words beside it, as FTS5 does with the content that it keeps not. PostgreSQL has to be told that this
 * function never answers anything else: words that change come with an edition of their own, under which the index keeps
 * them.
 */
export const narrowWords: Migration = {
  version: 13,
  name: 'narrow words',
  statements: [
    { postgres: `CREATE TABLE word_index (job_id BIGINT PRIMARY KEY, edition BIGINT NOT NULL)` },
    // Its tables are bound when it is made: an index is written anew with another search path. So dear that plans
    // ask the index, and not for parallel ones: these would cost more to start than the index takes.
    {
      postgres: `CREATE FUNCTION words_of_job(job BIGINT, edition BIGINT) RETURNS tsvector
        LANGUAGE sql IMMUTABLE STRICT COST 1000000
        BEGIN ATOMIC
          SELECT array_to_tsvector(array_remove(string_to_array(job_words.words, E'\\n'), ''))
          FROM job_words WHERE job_words.job_id = job;
        END`,
    },
    { postgres: `INSERT INTO word_index (job_id, edition) SELECT job_id, 1 FROM job_words ORDER BY job_id` },
    {
      postgres: `CREATE INDEX word_index_words ON word_index USING gin (words_of_job(job_id, edition))
        WITH (gin_pending_list_limit = 64)`,
    },
    // What waits to be sorted in costs every search, and one write in so many pays for all: 40 ms now, 300 ms before.
    { postgres: `ALTER INDEX IF EXISTS job_words_name SET (gin_pending_list_limit = 64)` },
    { postgres: `ALTER INDEX IF EXISTS job_words_path SET (gin_pending_list_limit = 64)` },
    { postgres: `DROP INDEX job_words_words` },
    {
      postgres: `CREATE FUNCTION follow_job_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
          DELETE FROM word_index WHERE job_id = OLD.job_id;
        ELSE
          INSERT INTO word_index (job_id, edition) VALUES (NEW.job_id, 1)
            ON CONFLICT (job_id) DO UPDATE SET edition = word_index.edition + 1;
        END IF;
        RETURN NULL;
      END $$`,
    },
    {
      postgres: `CREATE TRIGGER job_words_written AFTER INSERT OR DELETE ON job_words
        FOR EACH ROW EXECUTE FUNCTION follow_job_words()`,
    },
    {
      postgres: `CREATE TRIGGER job_words_changed AFTER UPDATE OF words ON job_words
        FOR EACH ROW WHEN (OLD.words <> NEW.words) EXECUTE FUNCTION follow_job_words()`,
    },
  ],
};
