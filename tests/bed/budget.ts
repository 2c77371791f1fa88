/**
 * How much a proof should do: the first number in a short run (CI), the second in a full one.
 *
 * @example const rounds = budget(50, 1000);
 */
export function budget(short: number, full: number): number {
  return process.env.DAYBOOK_PROVE_BUDGET === 'short' ? short : full;
}
