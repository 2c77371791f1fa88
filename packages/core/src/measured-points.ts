import type { StepConfiguration } from './configuration.ts';
import type { StepStatistics } from './step-history.ts';

/** A step is measured by this many past jobs at least: fewer are chance. */
export const fewestSamples = 3;

/** Three digits are more than anybody's durations repeat to. */
const DIGITS = 3;

/**
 * The steps with points as long as they usually take, in seconds (three digits). A step that was measured by fewer than
 * {@link fewestSamples} jobs keeps its weight beside the measured ones. Undefined if none was measured.
 */
export function measuredPoints(
  steps: readonly StepConfiguration[],
  history: ReadonlyMap<string, StepStatistics>,
): StepConfiguration[] | undefined {
  const usual = (step: StepConfiguration) => {
    const past = history.get(step.tag);
    return past !== undefined && past.samples >= fewestSamples && past.median > 0 ? past.median : undefined;
  };
  const measured = steps.filter((step) => usual(step) !== undefined);
  if (measured.length === 0) return undefined;
  const seconds = measured.reduce((sum, step) => sum + (usual(step) ?? 0), 0);
  const points = measured.reduce((sum, step) => sum + step.points, 0);
  return steps.map((step) => ({
    ...step,
    points: Number((usual(step) ?? (step.points * seconds) / points).toPrecision(DIGITS)),
  }));
}
