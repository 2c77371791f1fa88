import { Link } from '@tanstack/react-router';
import { useT } from '../words/language.tsx';
import css from './look-switch.module.css';
import type { ListSearch } from './search.ts';

/** Table or cards; the address remembers it, and with it a saved view. */
export function LookSwitch({ search }: { search: ListSearch }) {
  const t = useT();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <fieldset> holds controls of a form, these are links
    <span role="group" aria-label={t('list.look')} className={css.switch}>
      {([undefined, 'cards'] as const).map((look) => (
        <Link
          key={look ?? 'table'}
          to="/"
          search={{ ...search, look }}
          // The router holds addresses against each other, and with a filter in it finds that none is this one.
          aria-current={search.look === look ? 'true' : undefined}
          activeOptions={{ exact: true }}
          activeProps={{}}
        >
          {t(`list.look.${look ?? 'table'}`)}
        </Link>
      ))}
    </span>
  );
}
