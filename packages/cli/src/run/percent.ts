/** `45%`, `45.5 %`, `[ 45%]`; the first group is the number. */
export const DEFAULT_PERCENT = /(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?%/g;

/** A pattern that cannot be used; the message says why. */
export class ProgressPatternError extends Error {
  override readonly name = 'ProgressPatternError';
}

/** Reads `--progress-regex`: its first group must be the percent. Empty: nothing is read. */
export function percentPattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return DEFAULT_PERCENT;
  if (text === '') return undefined;
  try {
    const pattern = new RegExp(text, 'g');
    // An alternative that matches the empty text makes the groups countable.
    if ((new RegExp(`${text}|`).exec('')?.length ?? 0) > 1) return pattern;
  } catch (error) {
    throw new ProgressPatternError((error as Error).message);
  }
  throw new ProgressPatternError(`${text} needs a group for the percent, e.g. (\\d+)%`);
}

/** The last percent in a text that is one, 0–100. */
export function percentIn(text: string, pattern: RegExp): number | undefined {
  let percent: number | undefined;
  for (const match of text.matchAll(pattern)) {
    const number = Number(match[1]?.replace(',', '.') || Number.NaN);
    if (number >= 0 && number <= 100) percent = number;
  }
  return percent;
}
