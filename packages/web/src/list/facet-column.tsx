import { formatCount, type JobStatus } from '@daybook/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type FacetCount, type FacetName, type Facets, facetNames } from '../api/wire.ts';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './facet-column.module.css';
import { arrange, mostUsed } from './facet-order.ts';
import { useFacetWord } from './facet-word.ts';
import { exclude } from './query-edit.ts';
import { choose, isFiltered, type ListSearch } from './search.ts';

interface FacetColumnProps {
  readonly search: ListSearch;
  /** Undefined as long as nothing is counted: there are values then, and no numbers. */
  readonly facets: Facets | undefined;
  /** The counts without any filter: values that nothing bears just now keep their place. */
  readonly all: Facets | undefined;
}

/** The filters with the counts of what each would show. A click narrows, shift adds, alt excludes. */
export function FacetColumn({ search, facets, all }: FacetColumnProps) {
  const t = useT();
  return (
    <nav className={css.column} aria-label={t('jobs.filter')}>
      {facetNames.map((name) => (
        <FacetGroup key={name} name={name} search={search} counts={facets?.[name]} all={all?.[name]} />
      ))}
      <p className={css.clear}>
        {isFiltered(search) && (
          <Link to="/" search={{ sort: search.sort, columns: search.columns, look: search.look }}>
            {t('jobs.filter.clear')}
          </Link>
        )}
      </p>
    </nav>
  );
}

interface FacetGroupProps {
  readonly name: FacetName;
  readonly search: ListSearch;
  readonly counts: readonly FacetCount[] | undefined;
  readonly all: readonly FacetCount[] | undefined;
}

function FacetGroup({ name, search, counts, all = [] }: FacetGroupProps) {
  const t = useT();
  const [unfolded, setUnfolded] = useState(false);
  const chosen = search[name] ?? [];
  const entries = arrange(name, counts ?? [], [...chosen, ...all.map((each) => each.value)]);
  if (entries.length === 0) return null;
  const shown = unfolded ? entries : mostUsed(entries, all, chosen);
  return (
    <section className={css.group}>
      <h2 className={css.heading}>{t(name === 'tag' ? 'field.tags' : `field.${name}`)}</h2>
      <ul>
        {shown.map((entry) => (
          <FacetEntry
            key={entry.value}
            name={name}
            value={entry.value}
            count={counts && entry.count}
            search={search}
          />
        ))}
      </ul>
      {shown.length < entries.length && (
        <button type="button" className={css.more} onClick={() => setUnfolded(true)}>
          {t('list.showMore', { count: entries.length - shown.length })}
        </button>
      )}
    </section>
  );
}

interface FacetEntryProps {
  readonly name: FacetName;
  readonly value: string;
  readonly count: number | undefined;
  readonly search: ListSearch;
}

function FacetEntry({ name, value, count, search }: FacetEntryProps) {
  const t = useT();
  const word = useFacetWord();
  const navigate = useNavigate();
  const chosen = search[name]?.includes(value) ?? false;
  return (
    <li>
      <Link
        to="/"
        search={choose(search, name, value, false)}
        className={css.entry}
        data-chosen={chosen}
        data-empty={count === 0}
        aria-current={chosen ? 'true' : undefined}
        // The router would call the page itself the current one.
        activeProps={{ 'aria-current': chosen ? 'true' : undefined }}
        onClick={(event) => {
          if (!event.shiftKey && !event.altKey) return;
          event.preventDefault();
          const next = event.altKey ? exclude(search, name, value) : choose(search, name, value, true);
          void navigate({ to: '/', search: next });
        }}
      >
        {name === 'status' && <StatusMark status={value as JobStatus} progress={35} />}
        <span className={css.value}>{word(name, value)}</span>
        <span className={css.number}>{count !== undefined && formatCount(count, t)}</span>
      </Link>
    </li>
  );
}
