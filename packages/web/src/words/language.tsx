import { chooseLanguage, type Language, loadMessages, type Translate, translator } from '@daybook/core';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { storedText } from '../ui/stored-text.ts';

/** The language of this browser; a signed-in person's own choice goes before it (see shell/preferences). */
export const chosenLanguage = storedText('daybook.language');

interface LanguageChoice {
  readonly t: Translate;
  /** Loads the messages of a language and shows them; remembers it in this browser. */
  readonly speak: (language: Language) => Promise<void>;
}

const LanguageContext = createContext<LanguageChoice | undefined>(undefined);

/** The translator of the language that fits this person best. */
export async function firstTranslator(): Promise<Translate> {
  return makeTranslator(chooseLanguage(chosenLanguage.get(), navigator.languages));
}

async function makeTranslator(language: Language): Promise<Translate> {
  return translator(language, await loadMessages(language));
}

export function LanguageProvider({ first, children }: { first: Translate; children: ReactNode }) {
  const [t, setT] = useState(() => first);
  const speak = useCallback(async (language: Language) => {
    chosenLanguage.set(language);
    const next = await makeTranslator(language);
    setT(() => next);
  }, []);
  useEffect(() => {
    document.documentElement.lang = t.language;
  }, [t]);
  const choice = useMemo(() => ({ t, speak }), [t, speak]);
  return <LanguageContext value={choice}>{children}</LanguageContext>;
}

function useChoice(): LanguageChoice {
  const choice = useContext(LanguageContext);
  if (!choice) throw new TypeError('LanguageProvider is missing');
  return choice;
}

/** Says messages in the language of the page. */
export function useT(): Translate {
  return useChoice().t;
}

export function useSpeak(): LanguageChoice['speak'] {
  return useChoice().speak;
}

/** The browser's own time zone: people read times as their wall clock shows them. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
