import type { Migration } from './migration.ts';

/** Two segments of a level are enough to be merged when SQLite's upkeep comes round: the index ends up with one of each size. */
export const mergedWords: Migration = {
  version: 15,
  name: 'merged words',
  statements: [
    { sqlite: `INSERT INTO word_index (word_index, rank) VALUES ('usermerge', 2)` },
    { sqlite: `INSERT INTO part_index (part_index, rank) VALUES ('usermerge', 2)` },
  ],
};
