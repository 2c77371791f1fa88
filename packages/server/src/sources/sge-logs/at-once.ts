import { PIECE } from '../source.ts';

/** Files and directories that are read at once. */
const AT_ONCE = 16;

/** Parts of a size that one transaction takes. */
export function pieces<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < all.length; from += PIECE) parts.push(all.slice(from, from + PIECE));
  return parts;
}

/** Of all, a few at once; answers in their order. */
export async function each<T, R>(all: readonly T[], one: (value: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = new Array(all.length);
  let next = 0;
  const work = async () => {
    while (next < all.length) {
      const i = next++;
      answers[i] = await one(all[i] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, all.length) }, work));
  return answers;
}
