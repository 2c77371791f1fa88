import { endedStatuses, type Figures, type JobStatus } from '@daybook/core';

/** The ways to end that are drawn, the lowest of a bar first: those that there are at all. */
export function drawnEnds({ ended }: Figures): JobStatus[] {
  return endedStatuses.filter((status) => (ended[status] ?? 0) > 0);
}

/** How many jobs ended in this or a lower way: where its part of the bar ends. */
export function topOf(status: JobStatus, { ended }: Figures, drawn: readonly JobStatus[]): number {
  return drawn.slice(0, drawn.indexOf(status) + 1).reduce((sum, each) => sum + (ended[each] ?? 0), 0);
}

/** The part of a bar that is at a height; none above it. */
export function endAt(height: number, figures: Figures, drawn: readonly JobStatus[]): JobStatus | undefined {
  return drawn.find((status) => height < topOf(status, figures, drawn));
}
