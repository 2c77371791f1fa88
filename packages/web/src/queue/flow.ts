/** What the little chart of a configuration is drawn from. Minutes are oldest first; the last one is under way. */

/** One bar, in the units of the chart: it stands on the middle line if jobs came in, and hangs from it if they went. */
export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export const chart = { width: 150, half: 13, gap: 2 } as const;
/** One job in a busy quarter of an hour is still seen. */
const leastHeight = 1.5;

/** How high a bar of each minute is; both halves have one scale, so that more out than in is seen at once. */
export function barsOf(
  values: readonly number[],
  peak: number,
  side: 'in' | 'out',
): readonly (Bar | undefined)[] {
  const step = chart.width / Math.max(1, values.length);
  return values.map((value, index) => {
    if (value <= 0 || peak <= 0) return undefined;
    const height = Math.max(leastHeight, (value / peak) * chart.half);
    return { x: index * step, y: side === 'in' ? chart.half - height : chart.half + 1, height };
  });
}

export function peakOf(...series: readonly (readonly number[])[]): number {
  return Math.max(0, ...series.flat());
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
