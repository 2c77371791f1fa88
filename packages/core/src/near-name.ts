/**
 * The name that somebody who wrote `word` may have meant: the nearest that differs in case and punctuation alone, or in few
 * letters (two at most, of short names one in three). Undefined if it is like none.
 */
export function nearName(word: string, known: readonly string[]): string | undefined {
  const same = known.find((name) => lettersOf(name) === lettersOf(word));
  if (same !== undefined) return same;
  const near = known
    .map((name) => ({ name, edits: edits(name, word) }))
    .filter(({ name, edits }) => edits <= Math.min(2, name.length / 3))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.name;
}

function lettersOf(text: string): string {
  return text
    .slice(0, 100)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
}

/** How many letters to insert, drop or replace (Levenshtein), or many if the two are clearly different. */
function edits(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (b[j] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
