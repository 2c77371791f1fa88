import { storedText } from '../ui/stored-text.ts';

const kept = 8;

function listOf(me: string): string[] {
  try {
    const list: unknown = JSON.parse(storedText(keyOf(me)).get() ?? '[]');
    return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

function keyOf(me: string): string {
  return `daybook.queries.${me}`;
}

/** What a person has looked for last, in this browser; the newest first. */
export const recentQueries = {
  list: listOf,
  keep(me: string, text: string): void {
    const query = text.trim();
    if (query === '') return;
    const others = listOf(me).filter((each) => each !== query);
    storedText(keyOf(me)).set(JSON.stringify([query, ...others].slice(0, kept)));
  },
};
