import type { Migration } from './migration.ts';

/**
 * An event by its number alone, which is all that old clients of the progress API know of it. On PostgreSQL events are found by their
 * jobs, and in the order of transactions; numbers lie in their table nearly in order, so an index of what each stretch of it
 * holds is enough, and costs writers next to nothing.
 */
export const eventsById: Migration = {
  version: 18,
  name: 'events by id',
  statements: [
    {
      // Long stretches: autovacuum is asked to look at each when it is full, and remembers 256 such requests a minute.
      postgres: `CREATE INDEX events_id ON events USING brin (id) WITH (pages_per_range = 512, autosummarize = on)`,
    },
  ],
};
