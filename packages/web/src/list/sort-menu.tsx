import type { JobSort } from '@daybook/core';
import { useNavigate } from '@tanstack/react-router';
import { Menu, MenuChoice } from '../ui/menu.tsx';
import { useT } from '../words/language.tsx';
import type { ListSearch } from './search.ts';

const offered = [
  '-id',
  '-submittedAt',
  '-endedAt',
  '-updatedAt',
  'name',
  'id',
] as const satisfies readonly JobSort[];

export function SortMenu({ search }: { search: ListSearch }) {
  const t = useT();
  const navigate = useNavigate();
  const words = {
    '-id': t('jobs.sort.lastAdded'),
    '-submittedAt': t('jobs.sort.submitted'),
    '-endedAt': t('list.sort.ended'),
    '-updatedAt': t('jobs.sort.updated'),
    name: t('jobs.sort.name'),
    id: t('jobs.sort.firstAdded'),
  };
  // Heads of columns offer more orders than the menu; then none of these is the current one.
  const current = offered.find((sort) => sort === (search.sort ?? '-id'));
  const word = current === undefined ? t('jobs.sort') : words[current];
  return (
    <Menu
      name={current === undefined ? word : `${t('jobs.sort')}: ${word}`}
      label={<span aria-hidden="true">{word} ▾</span>}
    >
      {offered.map((sort) => (
        <MenuChoice
          key={sort}
          chosen={sort === current}
          onChoose={() =>
            void navigate({ to: '/', search: { ...search, sort: sort === '-id' ? undefined : sort } })
          }
        >
          {words[sort]}
        </MenuChoice>
      ))}
    </Menu>
  );
}
