import { dash, formatPercent, type Translate } from '@daybook/core';
import css from './configurations.module.css';

interface Weighted {
  readonly tag: string;
  readonly name: string;
  readonly points: number;
}

interface StepWeightsProps {
  readonly steps: readonly Weighted[];
  /** What a step's weight is called; its points if nothing else. */
  readonly text?: (step: Weighted) => string;
}

/** The steps in a row, each as wide as it weighs. */
export function StepWeights({ steps, text = (step) => String(step.points) }: StepWeightsProps) {
  return (
    <ol className={css.weights}>
      {steps.map((step) => (
        <li key={step.tag} style={{ flexGrow: step.points }} title={`${step.name} · ${text(step)}`}>
          <span>{step.name}</span>
        </li>
      ))}
    </ol>
  );
}

/** A part of a whole; less than one percent is not nothing. */
export function shareText(part: number, whole: number, t: Translate): string {
  if (!(whole > 0)) return dash;
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 1 ? `< ${formatPercent(1, t)}` : formatPercent(Math.round(percent), t);
}
