import { Link } from '@tanstack/react-router';
import { useT } from '../words/language.tsx';
import css from './chosen-filters.module.css';
import { useFacetWord } from './facet-word.ts';
import { choose, type FilterName, filterNames, type ListSearch } from './search.ts';

/** What the list is narrowed to, each with its way out: also those filters that have no counts beside the list. */
export function ChosenFilters({ search }: { search: ListSearch }) {
  const t = useT();
  const word = useFacetWord();
  const chosen = filterNames.flatMap((name) => (search[name] ?? []).map((value) => ({ name, value })));
  if (chosen.length === 0) return null;
  return (
    <ul className={css.chips}>
      {chosen.map(({ name, value }) => (
        <li key={`${name} ${value}`}>
          <Link
            to="/"
            search={choose(search, name, value, true)}
            className={css.chip}
            activeProps={{ 'aria-current': undefined }}
            aria-label={t('jobs.filter.remove', { name: `${t(fieldOf(name))}: ${word(name, value)}` })}
          >
            <span className={css.name}>{t(fieldOf(name))}</span> {word(name, value)}{' '}
            <span aria-hidden="true">×</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The key of the word for a filter. */
export function fieldOf(name: FilterName) {
  return name === 'tag' ? 'field.tags' : (`field.${name}` as const);
}
