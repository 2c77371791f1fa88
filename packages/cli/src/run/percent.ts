import { createContext, Script } from 'node:vm';

/** What reads percent from texts, such as the lines that came at once. */
export interface PercentReader {
  /** Of each text that has any the last percent that is one, 0–100. */
  read(texts: readonly string[]): number[];
}

/** `45%`, `45.5 %`, `[ 45%]`; the first group is the number. */
export const DEFAULT_PERCENT: PercentReader = {
  read: (texts) => percentsIn(texts, /(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?%/g),
};

/** Milliseconds for the lines that came at once; a pattern that is any good takes less than one. */
const BUDGET = 200;
/** Characters of a line that a pattern of somebody's own sees: what is quick with a line may not be with a whole file. */
const SEEN = 1_000;

/** A pattern that cannot be used; the message says why. */
export class ProgressPatternError extends Error {
  override readonly name = 'ProgressPatternError';
}

/**
 * Reads `--progress-regex`: its first group must be the percent. Empty: nothing is read. `onSlow` is called when the
 * pattern is given up because it takes too long.
 */
export function percentReader(text: string | undefined, onSlow: () => void): PercentReader | undefined {
  if (text === undefined) return DEFAULT_PERCENT;
  if (text === '') return undefined;
  try {
    const pattern = new RegExp(text, 'g');
    // An alternative that matches the empty text makes the groups countable.
    if ((new RegExp(`${text}|`).exec('')?.length ?? 0) > 1) return new BudgetedReader(pattern, onSlow);
  } catch (error) {
    throw new ProgressPatternError((error as Error).message);
  }
  throw new ProgressPatternError(`${text} needs a group for the percent, e.g. (\\d+)%`);
}

/**
 * Some patterns take minutes for a line (`(a+)+$`), and the command's output would wait. Only `vm` stops a match, and
 * arming its clock takes longer than a match: hence one call for many lines.
 */
class BudgetedReader implements PercentReader {
  static readonly #script = new Script('read()');
  readonly #context: object;
  readonly #onSlow: () => void;
  #texts: readonly string[] = [];
  #givenUp = false;

  constructor(pattern: RegExp, onSlow: () => void) {
    this.#context = createContext({ read: () => percentsIn(this.#texts, pattern) });
    this.#onSlow = onSlow;
  }

  read(texts: readonly string[]): number[] {
    if (this.#givenUp || texts.length === 0) return [];
    this.#texts = texts.map((text) => text.slice(0, SEEN));
    try {
      return BudgetedReader.#script.runInContext(this.#context, { timeout: BUDGET });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      this.#givenUp = true;
      this.#onSlow();
      return [];
    }
  }
}

function percentsIn(texts: readonly string[], pattern: RegExp): number[] {
  return texts.map((text) => percentIn(text, pattern)).filter((percent) => percent !== undefined);
}

function percentIn(text: string, pattern: RegExp): number | undefined {
  let percent: number | undefined;
  for (const match of text.matchAll(pattern)) {
    const number = Number(match[1]?.replace(',', '.') || Number.NaN);
    if (number >= 0 && number <= 100) percent = number;
  }
  return percent;
}
