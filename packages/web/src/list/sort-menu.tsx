import type { JobSort } from '@daybook/core';
import { useNavigate } from '@tanstack/react-router';
import { Menu, MenuChoice } from '../ui/menu.tsx';
import { useT } from '../words/language.tsx';
import type { ListSearch } from './search.ts';

const offered = ['-id', '-endedAt', '-updatedAt', 'name', 'id'] as const satisfies readonly JobSort[];

export function SortMenu({ search }: { search: ListSearch }) {
  const t = useT();
  const navigate = useNavigate();
  const words = {
    '-id': t('jobs.sort.newest'),
    '-endedAt': t('list.sort.ended'),
    '-updatedAt': t('jobs.sort.updated'),
    name: t('jobs.sort.name'),
    id: t('jobs.sort.oldest'),
  };
  const current = offered.find((sort) => sort === search.sort) ?? '-id';
  return (
    <Menu
      name={`${t('jobs.sort')}: ${words[current]}`}
      label={<span aria-hidden="true">{words[current]} ▾</span>}
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
