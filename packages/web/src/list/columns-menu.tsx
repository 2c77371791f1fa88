import { useNavigate } from '@tanstack/react-router';
import { Menu, MenuChoice } from '../ui/menu.tsx';
import { useT } from '../words/language.tsx';
import { type ColumnName, columnNames, usualColumns } from './columns.ts';
import type { ListSearch } from './search.ts';

/** Which columns the list has; the address remembers them. */
export function ColumnsMenu({ search }: { search: ListSearch }) {
  const t = useT();
  const navigate = useNavigate();
  const shown = search.columns ?? usualColumns;
  const show = (columns: readonly ColumnName[] | undefined) =>
    void navigate({ to: '/', search: { ...search, columns } });
  const toggle = (name: ColumnName) => {
    const next = columnNames.filter((each) => shown.includes(each) !== (each === name));
    show(next.length === 0 || next.join() === usualColumns.join() ? undefined : next);
  };
  return (
    <Menu name={t('list.columns')} label={<span>{t('list.columns')} ▾</span>}>
      {columnNames.map((name) => (
        <MenuChoice key={name} chosen={shown.includes(name)} onChoose={() => toggle(name)}>
          {t(name === 'note' ? 'field.info' : `field.${name}`)}
        </MenuChoice>
      ))}
      <MenuChoice chosen={search.columns === undefined} onChoose={() => show(undefined)}>
        {t('list.columns.usual')}
      </MenuChoice>
    </Menu>
  );
}
