import type { Dataset } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import part from '../ui/section.module.css';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';

interface DeleteDatasetProps {
  readonly dataset: Pick<Dataset, 'name' | 'archived'>;
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

/** Deletes a dataset for good, once its name was typed. */
export function DeleteDataset({ dataset: { name, archived }, onClose, onDeleted }: DeleteDatasetProps) {
  const t = useT();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      call(`/datasets/${encodeURIComponent(name)}`, {
        method: 'DELETE',
        body: { confirm: typed, archived },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['datasets'] });
      announce(t('datasets.delete.done', { name }));
      onClose();
      onDeleted?.();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <Dialog title={t('datasets.delete.title', { name })} onClose={onClose}>
      <p>{t('datasets.delete.explain')}</p>
      <form className={part.form} onSubmit={submit}>
        <TextField
          label={t('datasets.delete.confirm')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        {remove.error && <ErrorNote error={remove.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.close')}</Button>
          <Button type="submit" look="risky" disabled={typed !== name || remove.isPending}>
            {t('datasets.delete')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
