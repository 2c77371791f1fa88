import type { DatasetProblem } from '@daybook/core';
import { useT } from '../words/language.tsx';
import css from './datasets.module.css';

/** What is wrong with a dataset, in plain words. */
export function Problems({ problems }: { problems: readonly DatasetProblem[] }) {
  const t = useT();
  return (
    <span className={css.problem}>
      {problems.map((problem) => t(`datasets.problem.${problem}`)).join('; ')}
    </span>
  );
}
