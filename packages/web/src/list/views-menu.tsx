import type { SavedView } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { call } from '../api/client.ts';
import { viewsQuery } from '../api/queries.ts';
import { useSession } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Menu, MenuHeading, menuItem } from '../ui/menu.tsx';
import { useT } from '../words/language.tsx';
import { keepDefaultView } from './default-view.ts';
import { type ListSearch, readSearch } from './search.ts';
import { ViewDialog } from './view-dialog.tsx';
import css from './views-menu.module.css';

/** Lists that people keep by name: their own, and those that are everybody's. */
export function ViewsMenu({ search }: { search: ListSearch }) {
  const t = useT();
  // Asked for when somebody comes near the menu, not with the first page.
  const [wanted, setWanted] = useState(false);
  const views = useQuery({ ...viewsQuery, enabled: wanted });
  const [edited, setEdited] = useState<number | 'new'>();
  const me = useSession().name;
  useEffect(() => {
    if (views.data) keepDefaultView(me, views.data);
  }, [me, views.data]);
  const own = views.data?.filter((view) => !view.shared) ?? [];
  const shared = views.data?.filter((view) => view.shared) ?? [];
  // As it is now: after a conflict the next try means the newest version.
  const view = views.data?.find(({ id }) => id === edited);
  return (
    <div onPointerEnter={() => setWanted(true)} onFocusCapture={() => setWanted(true)}>
      <Menu name={t('views.title')} label={<span>{t('views.title')} ▾</span>}>
        {own.length > 0 && <MenuHeading>{t('views.own')}</MenuHeading>}
        {own.map((view) => (
          <ViewLine key={view.id} view={view} onChange={() => setEdited(view.id)} />
        ))}
        {shared.length > 0 && <MenuHeading>{t('views.shared')}</MenuHeading>}
        {shared.map((view) => (
          <ViewLine key={view.id} view={view} onChange={() => setEdited(view.id)} />
        ))}
        {views.error && <ErrorNote error={views.error} onRetry={() => void views.refetch()} />}
        <button type="button" className={menuItem} onClick={() => setEdited('new')}>
          {t('views.save')}
        </button>
      </Menu>
      {(edited === 'new' || view) && (
        <ViewDialog search={search} view={view} onClose={() => setEdited(undefined)} />
      )}
    </div>
  );
}

function ViewLine({ view, onChange }: { view: SavedView; onChange: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => call(`/views/${view.id}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: viewsQuery.queryKey }),
  });
  return (
    <div className={css.line}>
      <Link
        to="/"
        search={readSearch(Object.fromEntries(new URLSearchParams(view.query)))}
        className={menuItem}
        activeProps={{ 'aria-current': undefined }}
      >
        <span className={css.name} title={view.name}>
          {view.name}
        </span>
        {view.isDefault && <span className={css.default}> · {t('views.default')}</span>}
      </Link>
      {view.mayEdit && (
        <>
          <Button look="plain" aria-label={t('views.change', { name: view.name })} onClick={onChange}>
            ✎
          </Button>
          <Button
            look="plain"
            aria-label={t('views.delete', { name: view.name })}
            disabled={remove.isPending}
            onClick={() => remove.mutate()}
          >
            ×
          </Button>
        </>
      )}
    </div>
  );
}
