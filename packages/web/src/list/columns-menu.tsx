import { useNavigate } from '@tanstack/react-router';
import { useLayoutEffect, useRef } from 'react';
import { Menu, MenuChoice, MenuStays } from '../ui/menu.tsx';
import { useT } from '../words/language.tsx';
import { type ColumnName, columnNames, columnWord, moved, toggled } from './columns.ts';
import css from './columns-menu.module.css';
import type { ListSearch } from './search.ts';
import { useTableColumns } from './use-table-columns.ts';

/** Which columns the list has, and in which order; the address remembers both. */
export function ColumnsMenu({ search }: { search: ListSearch }) {
  const t = useT();
  const navigate = useNavigate();
  // What has a tick is what one sees, also of the usual ones.
  const { shown, usual } = useTableColumns(search);
  // The browser lets go of what moves in the page; whoever moves a column by keyboard wants to go on.
  const pressed = useRef<HTMLElement>(null);
  const show = (columns: readonly ColumnName[]) => {
    if (columns === shown) return;
    const isUsual = columns.length === 0 || columns.join() === usual.join();
    pressed.current = document.activeElement as HTMLElement | null;
    void navigate({ to: '/', search: { ...search, columns: isUsual ? undefined : columns } });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the columns stand in their new order
  useLayoutEffect(() => {
    pressed.current?.focus();
    pressed.current = null;
  }, [shown]);
  const mover = (name: ColumnName, step: -1 | 1) => (
    <button
      type="button"
      className={css.move}
      // Not disabled, which would lose the focus on the way to the end.
      aria-disabled={moved(shown, name, step) === shown}
      aria-label={t(step < 0 ? 'list.columns.earlier' : 'list.columns.later', { name: t(columnWord(name)) })}
      onClick={() => show(moved(shown, name, step))}
    >
      <span aria-hidden="true">{step < 0 ? '↑' : '↓'}</span>
    </button>
  );
  return (
    <Menu name={t('list.columns')} label={<span>{t('list.columns')} ▾</span>}>
      <MenuStays>
        <ul className={css.columns}>
          {[...shown, ...columnNames.filter((name) => !shown.includes(name))].map((name) => (
            <li key={name} className={css.line}>
              <MenuChoice chosen={shown.includes(name)} onChoose={() => show(toggled(shown, name))}>
                {t(columnWord(name))}
              </MenuChoice>
              {shown.includes(name) && mover(name, -1)}
              {shown.includes(name) && mover(name, 1)}
            </li>
          ))}
        </ul>
      </MenuStays>
      <MenuChoice chosen={search.columns === undefined} onChoose={() => show([])}>
        {t('list.columns.usual')}
      </MenuChoice>
    </Menu>
  );
}
