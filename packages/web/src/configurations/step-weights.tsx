import css from './configurations.module.css';

interface Weighted {
  readonly tag: string;
  readonly name: string;
  readonly points: number;
}

/** The steps in a row, each as wide as it weighs. */
export function StepWeights({ steps }: { steps: readonly Weighted[] }) {
  return (
    <ol className={css.weights}>
      {steps.map((step) => (
        <li key={step.tag} style={{ flexGrow: step.points }} title={`${step.name} · ${step.points}`}>
          <span>{step.name}</span>
        </li>
      ))}
    </ol>
  );
}
