import { configurations } from './de/configurations.ts';
import { diary } from './de/diary.ts';
import { errors } from './de/errors.ts';
import { ingest } from './de/ingest.ts';
import { pages } from './de/pages.ts';
import { people } from './de/people.ts';
import { queue } from './de/queue.ts';
import { schedulers } from './de/schedulers.ts';
import { search } from './de/search.ts';
import { sources } from './de/sources.ts';
import { verdicts } from './de/verdicts.ts';
import { words } from './de/words.ts';
import type { Messages } from './en.ts';
import type { Translation } from './message.ts';

/** Every text in German. Import it lazily (`loadMessages('de')`), so that it is no part of what English readers load. */
export const de: Translation<Messages> = {
  ...words,
  ...errors,
  ...pages,
  ...diary,
  ...people,
  ...queue,
  ...ingest,
  ...configurations,
  ...search,
  ...verdicts,
  ...sources,
  ...schedulers,
};
