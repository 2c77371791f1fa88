import { isMessageKey } from '@daybook/core';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { useT } from '../words/language.tsx';
import { Button } from './button.tsx';
import css from './notes.module.css';

/** What went wrong, in the person's language: what happened, what was kept, what to do next. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useT();
  return (
    <div className={css.error} role="alert">
      <p>{useErrorText()(error)}</p>
      <Faults error={error} />
      {error instanceof ApiError && error.problem.requestId && (
        <p className={css.small}>{t('error.requestId', { id: error.problem.requestId })}</p>
      )}
      {onRetry && !isFinal(error) && <Button onClick={onRetry}>{t('error.tryAgain')}</Button>}
    </div>
  );
}

/** What is not there, or not for this person, will not be the next time either. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 403);
}

function Faults({ error }: { error: unknown }): ReactNode {
  const faults = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  if (faults.length === 0) return null;
  return (
    <ul className={css.faults}>
      {faults.map((fault) => (
        <li key={`${fault.path} ${fault.message}`}>
          <code>{fault.path}</code> {fault.message}
        </li>
      ))}
    </ul>
  );
}

/** The sentence for an error, by its code. */
export function useErrorText(): (error: unknown) => string {
  const t = useT();
  return (error) => {
    if (!(error instanceof ApiError)) return t('error.page');
    const key = `error.${error.code}`;
    return isErrorKey(key) ? t(key) : t('error.unknown', { code: error.code });
  };
}

/** A key of an error text that needs no parameter. */
function isErrorKey(key: string): key is 'error.internal' {
  return isMessageKey(key);
}
