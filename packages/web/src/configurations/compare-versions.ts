import type { StepConfiguration } from '@daybook/core';

export const stepChanges = ['added', 'removed', 'points', 'renamed', 'moved', 'metadata'] as const;
export type StepChange = (typeof stepChanges)[number];

/** One step of two versions, side by side. */
export interface StepPair {
  readonly tag: string;
  readonly before?: StepConfiguration;
  readonly after?: StepConfiguration;
  readonly changes: readonly StepChange[];
}

/** The steps of both versions in the order of the later one; what was removed stands where it stood. */
export function compareVersions(
  before: readonly StepConfiguration[],
  after: readonly StepConfiguration[],
): StepPair[] {
  const was = new Map(before.map((step) => [step.tag, step]));
  const is = new Map(after.map((step) => [step.tag, step]));
  const order = before.filter(({ tag }) => is.has(tag)).map(({ tag }) => tag);
  const common = after.filter(({ tag }) => was.has(tag)).map(({ tag }) => tag);
  const pairs = after.map(({ tag }): StepPair => {
    const [old, next] = [was.get(tag), is.get(tag)];
    const moved = common.indexOf(tag) !== order.indexOf(tag);
    return {
      tag,
      ...(old && { before: old }),
      ...(next && { after: next }),
      changes: changesOf(old, next, moved),
    };
  });
  for (const [index, step] of before.entries()) {
    if (is.has(step.tag)) continue;
    const previous = pairs.findIndex(({ tag }) => tag === before[index - 1]?.tag);
    pairs.splice(previous + 1, 0, { tag: step.tag, before: step, changes: ['removed'] });
  }
  return pairs;
}

function changesOf(
  before: StepConfiguration | undefined,
  after: StepConfiguration | undefined,
  moved: boolean,
): StepChange[] {
  if (before === undefined || after === undefined) return [before ? 'removed' : 'added'];
  const differs = { points: before.points !== after.points, renamed: before.name !== after.name, moved };
  const metadata = JSON.stringify(before.metadata ?? []) !== JSON.stringify(after.metadata ?? []);
  return stepChanges.filter((change) => ({ added: false, removed: false, ...differs, metadata })[change]);
}

/** How many steps changed in which way, in the order of {@link stepChanges}; without what did not happen. */
export function countChanges(pairs: readonly StepPair[]): { change: StepChange; count: number }[] {
  return stepChanges
    .map((change) => ({ change, count: pairs.filter(({ changes }) => changes.includes(change)).length }))
    .filter(({ count }) => count > 0);
}
