import { type JobStatus, jobStatuses, type TransitionCause, transitions } from '@daybook/core';

/** Statuses that lead to the same others and are reached alike: one box of the diagram. */
export type StatusGroup = readonly JobStatus[];

/** An arrow of the diagram: `causes` are those that every pair of the two groups allows. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly causes: readonly TransitionCause[];
}

/** The transition table of core as boxes and arrows, so that the drawing can never say anything else than the rule. */
export function groupStatuses(): {
  readonly groups: readonly StatusGroup[];
  readonly arrows: readonly Arrow[];
} {
  const groups: JobStatus[][] = [];
  for (const status of jobStatuses) {
    const group = groups.find(([first]) => first !== undefined && areAlike(first, status));
    if (group) group.push(status);
    else groups.push([status]);
  }
  const arrows: Arrow[] = [];
  groups.forEach((from, fromIndex) => {
    groups.forEach((to, toIndex) => {
      const pair = pairOf(from, to);
      const causes = pair ? transitions[pair[0]][pair[1]] : undefined;
      if (causes) arrows.push({ from: fromIndex, to: toIndex, causes });
    });
  });
  return { groups, arrows };
}

function pairOf(from: StatusGroup, to: StatusGroup): readonly [JobStatus, JobStatus] | undefined {
  const [a] = from;
  const b = from === to ? to[1] : to[0];
  return a && b ? [a, b] : undefined;
}

function areAlike(a: JobStatus, b: JobStatus): boolean {
  const others = jobStatuses.filter((each) => each !== a && each !== b);
  const causes = (from: JobStatus, to: JobStatus) => transitions[from][to]?.join() ?? '';
  return (
    causes(a, b) === causes(b, a) &&
    others.every((each) => causes(a, each) === causes(b, each) && causes(each, a) === causes(each, b))
  );
}
