import { isMessageKey, type SourceSentence, type SourceState } from '@daybook/core';
import { useT } from '../words/language.tsx';
import css from './sources.module.css';

/** A sentence about a source in the person's language, and beside it what the system said. */
export function Sentence({ of: { code, detail } }: { of: SourceSentence }) {
  const t = useT();
  return (
    <>
      {isSourceKey(code) ? t(code) : code}
      {detail && <span className={css.detail}> {detail}</span>}
    </>
  );
}

/** A key of a sentence about sources: none of them needs a parameter. */
export function isSourceKey(key: string): key is 'source.problem.empty' {
  return isMessageKey(key);
}

const marks: Record<SourceState, string> = { new: '◌', ok: '●', stale: '✕', paused: '⊘', idle: '◐' };

/** How a source is: shape and word, and colour for those who see it. */
export function StateMark({ state }: { state: SourceState }) {
  const t = useT();
  return (
    <span className={css.state} data-state={state}>
      <span aria-hidden="true">{marks[state]}</span> {t(`source.state.${state}`)}
    </span>
  );
}
