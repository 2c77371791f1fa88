/** A small text that this browser keeps. Where storage is refused or full, it is forgotten with the page. */
export interface StoredText {
  get(): string | null;
  set(text: string | null): void;
}

export function storedText(key: string): StoredText {
  let fallback: string | null = null;
  return {
    get() {
      try {
        return localStorage.getItem(key);
      } catch {
        return fallback;
      }
    },
    set(text) {
      fallback = text;
      try {
        if (text === null) localStorage.removeItem(key);
        else localStorage.setItem(key, text);
      } catch {
        // Kept in memory above.
      }
    },
  };
}

/** The keys of all texts that are kept and begin like this. */
export function storedKeys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}
