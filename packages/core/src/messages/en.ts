import { configurations } from './en/configurations.ts';
import { diary } from './en/diary.ts';
import { errors } from './en/errors.ts';
import { ingest } from './en/ingest.ts';
import { pages } from './en/pages.ts';
import { people } from './en/people.ts';
import { queue } from './en/queue.ts';
import { schedulers } from './en/schedulers.ts';
import { search } from './en/search.ts';
import { sources } from './en/sources.ts';
import { verdicts } from './en/verdicts.ts';
import { words } from './en/words.ts';

/**
 * Every text that a person reads, in English. A new text is one line in the file of `en/` that fits and one in the same
 * file of `de/`; the compiler names what is missing, and the tests compare placeholders.
 */
export const en = {
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
} as const;

export type Messages = typeof en;
export type MessageKey = keyof Messages;
