import type { SavedView } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { viewsQuery } from '../api/queries.ts';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import { type ListSearch, searchText } from './search.ts';
import css from './views-menu.module.css';

interface ViewDialogProps {
  /** The list as it is now. */
  readonly search: ListSearch;
  /** Undefined for a new one. */
  readonly view: SavedView | undefined;
  readonly onClose: () => void;
}

/** Keeps a list by name, or changes one that is kept: its name, whose it is, which list it opens. */
export function ViewDialog({ search, view, onClose }: ViewDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const mayShare = useMay('views.share');
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const [isDefault, setDefault] = useState(view?.isDefault ?? false);
  const query = searchText(search);
  const [takesList, setTakesList] = useState(view === undefined);
  const save = useMutation({
    mutationFn: () => {
      const said = { name: name.trim(), shared, isDefault, ...(takesList && { query }) };
      return view === undefined
        ? call<SavedView>('/views', { method: 'POST', body: said })
        : call<SavedView>(`/views/${view.id}`, { method: 'PATCH', body: { ...said, version: view.version } });
    },
    onSuccess: onClose,
    // Also when it was refused: somebody may have changed it meanwhile.
    onSettled: () => client.invalidateQueries({ queryKey: viewsQuery.queryKey }),
  });
  return (
    <Dialog title={t(view ? 'views.change.title' : 'views.save.title')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') save.mutate();
        }}
      >
        <TextField
          label={t('views.name')}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {mayShare && <Choice chosen={shared} onChoose={setShared} text={t('views.share')} />}
        <Choice
          chosen={isDefault}
          onChoose={setDefault}
          text={t(shared ? 'views.makeDefaultShared' : 'views.makeDefault')}
        />
        {view && view.query !== query && (
          <Choice chosen={takesList} onChoose={setTakesList} text={t('views.takeList')} />
        )}
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

interface ChoiceProps {
  readonly chosen: boolean;
  readonly onChoose: (chosen: boolean) => void;
  readonly text: string;
}

function Choice({ chosen, onChoose, text }: ChoiceProps) {
  return (
    <label className={css.choice}>
      <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
      {text}
    </label>
  );
}
