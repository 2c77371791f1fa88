import type { Messages } from './en.ts';
import { en } from './en.ts';
import type { Language, Translation } from './message.ts';

/** The messages of a language. German arrives as a chunk of its own, so this is asynchronous. */
export async function loadMessages(language: Language): Promise<Translation<Messages>> {
  switch (language) {
    case 'en':
      return en;
    case 'de':
      return (await import('./de.ts')).de;
  }
}
