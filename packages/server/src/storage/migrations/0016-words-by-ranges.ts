import type { Migration } from './migration.ts';

/**
 * PostgreSQL's index of words, in ranges of 65,536 jobs. GIN gathers all jobs that have a word before it knows the first, most
 * of all for words that begin so: of a word in common use that is tens of thousands, for a page of fifty. So each word is
 * kept with the number of its job's range before it (`f:sled`), the newest range is asked first, and older ones only while
 * the page is not full. What is written lies together in the index, too.
 */
export const wordsByRanges: Migration = {
  version: 16,
  name: 'words by ranges',
  statements: [
    {
      postgres: `CREATE FUNCTION ranged_words_of_job(job BIGINT, edition BIGINT) RETURNS tsvector
        LANGUAGE sql IMMUTABLE STRICT COST 1000000
        BEGIN ATOMIC
          SELECT array_to_tsvector(array_remove(array_remove(
            string_to_array(replace(job_words.words, E'\\n', E'\\n' || to_hex(job >> 16) || ':'), E'\\n'),
            ''), to_hex(job >> 16) || ':'))
          FROM job_words WHERE job_words.job_id = job;
        END`,
    },
    { postgres: `DROP INDEX word_index_words` },
    {
      postgres: `CREATE INDEX word_index_words ON word_index USING gin (ranged_words_of_job(job_id, edition))
        WITH (gin_pending_list_limit = 64)`,
    },
    // How common a word is, the planner knows of the words as they are: a sample of the ranges would know the commonest alone.
    { postgres: `ALTER INDEX word_index_words ALTER COLUMN 1 SET STATISTICS 0` },
    { postgres: `CREATE STATISTICS words_of_jobs ON (words_of_job(job_id, edition)) FROM word_index` },
    { postgres: `ANALYZE word_index` },
  ],
};
