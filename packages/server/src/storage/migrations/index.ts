import { foundation } from './0001-foundation.ts';
import { queue } from './0002-queue.ts';
import { maintenance } from './0003-maintenance.ts';
import { people } from './0004-people.ts';
import { estimates } from './0005-estimates.ts';
import { madeByKeys } from './0006-made-by-keys.ts';
import { diary } from './0007-diary.ts';
import { bundles } from './0008-bundles.ts';
import { sources } from './0009-sources.ts';
import { search } from './0010-search.ts';
import { uploads } from './0011-uploads.ts';
import { quickLists } from './0012-quick-lists.ts';
import { narrowWords } from './0013-narrow-words.ts';
import { quickChanges } from './0014-quick-changes.ts';
import { mergedWords } from './0015-merged-words.ts';
import { wordsByRanges } from './0016-words-by-ranges.ts';
import { leanerJobs } from './0017-leaner-jobs.ts';
import { eventsById } from './0018-events-by-id.ts';
import type { Migration } from './migration.ts';

/** All migrations, in order. */
export const migrations: readonly Migration[] = [
  foundation,
  queue,
  maintenance,
  people,
  estimates,
  madeByKeys,
  diary,
  bundles,
  sources,
  search,
  uploads,
  quickLists,
  narrowWords,
  quickChanges,
  mergedWords,
  wordsByRanges,
  leanerJobs,
  eventsById,
];
