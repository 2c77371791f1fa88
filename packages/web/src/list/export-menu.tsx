import { Menu, menuItem } from '../ui/menu.tsx';
import { useT } from '../words/language.tsx';
import { askedFilter, type ListSearch } from './search.ts';

/** All rows of the list as a file, in its order. */
export function ExportMenu({ search }: { search: ListSearch }) {
  const t = useT();
  const hrefOf = (format: 'csv' | 'jsonl') =>
    `/api/v1/jobs/export?${new URLSearchParams({
      ...askedFilter(search),
      ...(search.sort && { sort: search.sort }),
      format,
    })}`;
  return (
    <Menu name={t('list.export')} label={<span>{t('list.export')} ▾</span>}>
      <a href={hrefOf('csv')} className={menuItem} download="jobs.csv">
        {t('list.export.csv')}
      </a>
      <a href={hrefOf('jsonl')} className={menuItem} download="jobs.jsonl">
        {t('list.export.jsonl')}
      </a>
    </Menu>
  );
}
