import type { QueryError, Translate } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import option from '../ui/option.module.css';
import { Option } from '../ui/option.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './search-box.module.css';
import type { Suggestion } from './suggestions.ts';

interface SearchOptionsProps {
  readonly id: string;
  readonly isOpen: boolean;
  readonly fault: QueryError | undefined;
  readonly suggestions: readonly Suggestion[];
  readonly at: number;
  readonly isEmpty: boolean;
  readonly onTake: (suggestion: Suggestion) => void;
}

/** What lies below the search box: what is wrong, what could come next, and the language in one line. */
export function SearchOptions({ id, isOpen, fault, suggestions, at, isEmpty, onTake }: SearchOptionsProps) {
  const t = useT();
  return (
    <div className={`${option.floating} ${css.list}`} hidden={!isOpen}>
      <p id={`${id}-fault`} className={css.fault} role="status">
        {fault && faultText(t, fault)}
      </p>
      <div id={id} role="listbox" aria-label={t('search.suggestions')}>
        {suggestions.map((suggestion, index) => (
          <Option
            key={suggestion.key}
            id={`${id}-${index}`}
            chosen={index === at}
            onTake={() => onTake(suggestion)}
          >
            {suggestion.job && (
              <StatusMark status={suggestion.job.status} progress={suggestion.job.progress} />
            )}
            <span className={option.name}>{suggestion.label}</span>
            <span className={css.hint}>{suggestion.hint}</span>
          </Option>
        ))}
      </div>
      {isEmpty && (
        // Before the field loses the focus, which would close the list.
        <p className={css.help} onMouseDown={(event) => event.preventDefault()}>
          {t('search.help')}{' '}
          <Link to="/help" hash="search" tabIndex={-1}>
            {t('search.more')}
          </Link>
        </p>
      )}
    </div>
  );
}

/** What is wrong, and where, in the language of the page. */
export function faultText(t: Translate, { from, key, parameters }: QueryError): string {
  const fault = (t as (key: string, parameters: QueryError['parameters']) => string)(key, parameters);
  return t('list.unreadable.at', { column: from + 1, fault });
}
