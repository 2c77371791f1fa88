import { type QueryField, queryFieldNames, queryFields } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useT } from '../words/language.tsx';
import css from './help.module.css';

/** What words and signs mean, each by a query. */
const forms = [
  { query: 'sled', finds: 'help.search.prefix' },
  { query: 'sled 3001234', finds: 'help.search.all' },
  { query: '"new pulse"', finds: 'help.search.phrase' },
  { query: '-sled', finds: 'help.search.not' },
  { query: '(sled front) OR roof', finds: 'help.search.or' },
  { query: 'status:failed,canceled', finds: 'help.search.alternatives' },
  { query: 'user:do*', finds: 'help.search.open' },
] as const;

/** The query language (docs/search.md). Its fields come from core, which also reads it. */
export function SearchHelp() {
  const t = useT();
  return (
    <section className={css.section} id="search">
      <h2>{t('about.search')}</h2>
      <h3>{t('help.search.words')}</h3>
      <p className={css.text}>{t('help.search.words.explain')}</p>
      <dl className={css.queries}>
        {forms.map(({ query, finds }) => (
          <Example key={query} query={query}>
            {t(finds)}
          </Example>
        ))}
      </dl>
      <h3>{t('help.search.fields')}</h3>
      <p className={css.text}>{t('help.search.fields.explain')}</p>
      <dl className={css.queries}>
        {queryFieldNames.map((name) => {
          const field: QueryField = queryFields[name];
          return (
            <Example key={name} query={field.example}>
              {t(`query.finds.${name}`)}
              {field.values && <span className={css.values}>{field.values.join(' · ')}</span>}
            </Example>
          );
        })}
      </dl>
      <h3>{t('help.filters')}</h3>
      <p className={css.text}>{t('help.filters.explain')}</p>
    </section>
  );
}

/** A query that opens its list, and what is in that. */
function Example({ query, children }: { query: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        <Link to="/" search={{ q: query }}>
          <code>{query}</code>
        </Link>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
