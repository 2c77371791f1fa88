import type { QueryError } from '@daybook/core';
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import {
  type FormEvent,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useSession } from '../shell/session.ts';
import { useShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import { parsed } from './parsed-query.ts';
import { recentQueries } from './recent-queries.ts';
import { readSearch } from './search.ts';
import css from './search-box.module.css';
import { SearchOptions } from './search-options.tsx';
import { type Suggestion, useSuggestions } from './suggestions.ts';
import { tellUnread } from './unread-query.ts';
import { useSettled } from './use-settled.ts';

/** Typing settles for this long before the list follows, ms. */
const settles = 300;

/**
 * The one search box (docs/search.md). On the list it shows the query of the address, and the list follows while one
 * types; elsewhere it leads there. What cannot be read is underlined, and said below.
 */
export function SearchBox() {
  const t = useT();
  const me = useSession().name;
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const navigate = useNavigate();
  const onList = useLocation().pathname === '/';
  const address = readSearch(useSearch({ strict: false }) as Record<string, unknown>);
  const asked = onList ? (address.q ?? '') : '';
  const [text, setText] = useState(asked);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [scrolled, setScrolled] = useState(0);
  const { fault } = parsed(text);
  const [insisted, setInsisted] = useState<string>();
  const suggestions = useSuggestions(text, caret, open);
  const chosen = suggestions[at];
  // Whoever is still typing the word knows that it is not whole, and is offered how it may go on.
  const isBeingTyped =
    open && text !== insisted && caret === text.length && (isUnfinished(fault) || suggestions.length > 0);
  const told = isBeingTyped ? undefined : fault;
  useShortcuts(
    useMemo(() => [{ keys: '/', label: t('keyboard.search'), run: () => input.current?.focus() }], [t]),
  );

  // The address goes before what stands here, unless it is just being changed.
  useEffect(() => {
    if (document.activeElement !== input.current) setText(asked);
  }, [asked]);

  const latest = useRef(address);
  latest.current = address;
  const search = useCallback(
    (q: string, replace: boolean) => {
      if (parsed(q).fault !== undefined) return;
      const kept = onList ? latest.current : {};
      void navigate({ to: '/', search: { ...kept, q: q.trim() === '' ? undefined : q.trim() }, replace });
    },
    [navigate, onList],
  );
  const settled = useSettled(text, settles);
  useEffect(() => {
    if (onList && document.activeElement === input.current && settled.trim() !== (latest.current.q ?? ''))
      search(settled, true);
  }, [settled, onList, search]);
  // Whoever types on in haste reads no more than the end of it.
  const isUnread = useMemo(() => parsed(settled).fault !== undefined, [settled]);
  useEffect(() => {
    const drop = () => setText(latest.current.q ?? '');
    tellUnread(onList && isUnread && fault ? { fault, drop } : undefined);
  }, [onList, isUnread, fault]);

  const take = (suggestion: Suggestion) => {
    setAt(-1);
    if (suggestion.job !== undefined) {
      setOpen(false);
      input.current?.blur();
      void navigate({ to: '/jobs/$id', params: { id: String(suggestion.job.id) } });
      return;
    }
    const next = text.slice(0, suggestion.from) + suggestion.text + text.slice(suggestion.to);
    const end = suggestion.from + suggestion.text.length;
    setText(next);
    setCaret(end);
    // After React has written the value.
    requestAnimationFrame(() => input.current?.setSelectionRange(end, end));
    if (suggestion.isWhole) {
      setOpen(false);
      search(next, false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) return take(chosen);
    setInsisted(text);
    if (fault !== undefined) return;
    recentQueries.keep(me, text);
    search(text, false);
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && suggestions.length > 0) {
      event.preventDefault();
      setOpen(true);
      // One place more than suggestions: the text itself.
      setAt((now) => ((now + 1 + step + suggestions.length + 1) % (suggestions.length + 1)) - 1);
    } else if (event.key === 'Tab' && open && chosen) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === 'Escape') {
      if (open && suggestions.length > 0) setOpen(false);
      else input.current?.blur();
    }
  };
  const isOpen = open && (suggestions.length > 0 || told !== undefined || text === '');

  return (
    <search>
      <form className={css.box} onSubmit={onSubmit}>
        <div className={css.field}>
          {told && (
            <div className={css.under} aria-hidden="true">
              <span style={{ marginInlineStart: -scrolled }}>
                {text.slice(0, told.from)}
                <u>{text.slice(told.from, told.from + told.length) || ' '}</u>
              </span>
            </div>
          )}
          <input
            ref={input}
            className={css.input}
            role="combobox"
            aria-label={t('search.box')}
            aria-expanded={isOpen}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && chosen ? `${listId}-${at}` : undefined}
            aria-invalid={told !== undefined}
            aria-describedby={`${listId}-fault`}
            placeholder={t('search.placeholder')}
            autoComplete="off"
            spellCheck={false}
            maxLength={2_000}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setCaret(event.target.selectionStart ?? event.target.value.length);
              setAt(-1);
              setOpen(true);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
            onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}
            onFocus={() => setOpen(true)}
            onBlur={() => {
              setOpen(false);
              if (fault === undefined) recentQueries.keep(me, text);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <kbd className={css.key}>/</kbd>
        <SearchOptions
          id={listId}
          isOpen={isOpen}
          fault={told}
          suggestions={suggestions}
          at={at}
          isEmpty={text === ''}
          onTake={take}
        />
      </form>
    </search>
  );
}

/** A query that lacks only what would come next. */
function isUnfinished(fault: QueryError | undefined): boolean {
  return fault !== undefined && unfinished.has(fault.key);
}

const unfinished: ReadonlySet<string> = new Set([
  'query.unclosedQuote',
  'query.unclosedGroup',
  'query.missingValue',
  'query.orAlone',
]);
