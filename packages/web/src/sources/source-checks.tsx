import type { SourceCheck } from '@daybook/core';
import { Sentence } from './source-text.tsx';
import css from './sources.module.css';

/** What a source can, and cannot do, permission by permission. */
export function SourceChecks({ checks }: { checks: readonly SourceCheck[] }) {
  return (
    <ul className={css.checks} aria-live="polite">
      {checks.map(({ ok, code, detail, count }) => (
        <li key={`${code} ${detail}`} data-ok={ok}>
          <span aria-hidden="true">{ok ? '✓' : '✕'}</span> <Sentence of={{ code }} />
          {count !== undefined && `: ${count}`}
          {detail && <span className={css.detail}> {detail}</span>}
        </li>
      ))}
    </ul>
  );
}
