import type { SavedView } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { call } from '../api/client.ts';
import { viewsQuery } from '../api/queries.ts';
import { useMay, useSession } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { Menu, MenuHeading, menuItem } from '../ui/menu.tsx';
import { useT } from '../words/language.tsx';
import { keepDefaultView } from './default-view.ts';
import { type ListSearch, readSearch, searchText } from './search.ts';
import css from './views-menu.module.css';

/** Lists that people keep by name: their own, and those that are everybody's. */
export function ViewsMenu({ search }: { search: ListSearch }) {
  const t = useT();
  // Asked for when somebody comes near the menu, not with the first page.
  const [wanted, setWanted] = useState(false);
  const views = useQuery({ ...viewsQuery, enabled: wanted });
  const [saves, setSaves] = useState(false);
  const me = useSession().name;
  useEffect(() => {
    if (views.data) keepDefaultView(me, views.data);
  }, [me, views.data]);
  const own = views.data?.filter((view) => !view.shared) ?? [];
  const shared = views.data?.filter((view) => view.shared) ?? [];
  return (
    <div onPointerEnter={() => setWanted(true)} onFocusCapture={() => setWanted(true)}>
      <Menu name={t('views.title')} label={<span>{t('views.title')} ▾</span>}>
        {own.length > 0 && <MenuHeading>{t('views.own')}</MenuHeading>}
        {own.map((view) => (
          <ViewLine key={view.id} view={view} />
        ))}
        {shared.length > 0 && <MenuHeading>{t('views.shared')}</MenuHeading>}
        {shared.map((view) => (
          <ViewLine key={view.id} view={view} />
        ))}
        {views.error && <ErrorNote error={views.error} onRetry={() => void views.refetch()} />}
        <button type="button" className={menuItem} onClick={() => setSaves(true)}>
          {t('views.save')}
        </button>
      </Menu>
      {saves && <SaveView search={search} onClose={() => setSaves(false)} />}
    </div>
  );
}

function ViewLine({ view }: { view: SavedView }) {
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
        {view.name}
        {view.isDefault && <span className={css.default}> · {t('views.default')}</span>}
      </Link>
      {view.mayEdit && (
        <Button
          look="plain"
          aria-label={t('views.delete', { name: view.name })}
          disabled={remove.isPending}
          onClick={() => remove.mutate()}
        >
          ×
        </Button>
      )}
    </div>
  );
}

function SaveView({ search, onClose }: { search: ListSearch; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const mayShare = useMay('views.share');
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const [isDefault, setDefault] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      call<SavedView>('/views', {
        method: 'POST',
        body: { name: name.trim(), query: searchText(search), shared, isDefault },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: viewsQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog title={t('views.save.title')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') save.mutate();
        }}
      >
        <TextField label={t('views.name')} value={name} onChange={(event) => setName(event.target.value)} />
        {mayShare && (
          <label className={css.choice}>
            <input type="checkbox" checked={shared} onChange={(event) => setShared(event.target.checked)} />
            {t('views.share')}
          </label>
        )}
        <label className={css.choice}>
          <input type="checkbox" checked={isDefault} onChange={(event) => setDefault(event.target.checked)} />
          {t(shared ? 'views.makeDefaultShared' : 'views.makeDefault')}
        </label>
        {save.error && <ErrorNote error={save.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.close')}</Button>
          <Button look="main" type="submit" disabled={name.trim() === '' || save.isPending}>
            {t('views.save.do')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
