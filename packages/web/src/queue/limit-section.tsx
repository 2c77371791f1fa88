import { formatCount, type LimitScope, type QueueLimit, type QueueOverview } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import css from './queue.module.css';

interface LimitSectionProps {
  readonly limits: readonly QueueLimit[];
  readonly configurations: QueueOverview['configurations'];
}

/** How many may run at the same time, of a configuration or of the targets of a group. */
export function LimitSection({ limits, configurations }: LimitSectionProps) {
  const t = useT();
  const mayManage = useMay('maintenance.manage');
  const [edited, setEdited] = useState<QueueLimit | 'new'>();
  const running = ({ scope, name }: QueueLimit) =>
    scope === 'configuration' ? configurations.find(({ tag }) => tag === name)?.running : undefined;
  const columns: Column<QueueLimit>[] = [
    { key: 'name', head: t('limit.scope'), look: 'lead', cell: (each) => each.name },
    { key: 'scope', head: t('field.kind'), cell: (each) => t(`limit.scope.${each.scope}`) },
    { key: 'running', head: t('queue.running'), look: 'end', cell: (each) => countText(running(each)) },
    { key: 'max', head: t('limit.max'), look: 'end', cell: (each) => formatCount(each.max, t) },
    {
      key: 'verbs',
      head: t('action.edit'),
      look: 'verbs',
      cell: (each) =>
        mayManage && (
          <Button
            look="plain"
            onClick={() => setEdited(each)}
            aria-label={`${t('action.edit')}: ${each.name}`}
          >
            {t('action.edit')}
          </Button>
        ),
    },
  ];
  const countText = (count: number | undefined) => (count === undefined ? null : formatCount(count, t));
  return (
    <section className={css.section}>
      <h2>{t('limit.title')}</h2>
      {limits.length === 0 ? (
        <p className={css.quiet}>{t('limit.none')}</p>
      ) : (
        <DataTable
          label={t('limit.title')}
          columns={columns}
          rows={limits}
          keyOf={({ scope, name }) => `${scope} ${name}`}
        />
      )}
      {mayManage && (
        <p>
          <Button onClick={() => setEdited('new')}>{t('limit.add')}</Button>
        </p>
      )}
      {edited && (
        <LimitDialog limit={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </section>
  );
}

function LimitDialog({ limit, onClose }: { limit: QueueLimit | undefined; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [scope, setScope] = useState<LimitScope>(limit?.scope ?? 'configuration');
  const [name, setName] = useState(limit?.name ?? '');
  const [max, setMax] = useState(String(limit?.max ?? 1));
  const save = useMutation({
    mutationFn: (change: 'set' | 'remove') => {
      const path = `/queue/limits/${scope}/${encodeURIComponent(name.trim())}`;
      return change === 'remove'
        ? call(path, { method: 'DELETE' })
        : call(path, { method: 'PUT', body: { max: Number(max) } });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['queue'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate('set');
  };
  return (
    <Dialog title={t('limit.set.title')} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        <SelectField
          label={t('limit.scope')}
          value={scope}
          disabled={limit !== undefined}
          onChange={(event) => setScope(event.target.value as LimitScope)}
        >
          <option value="configuration">{t('limit.scope.configuration')}</option>
          <option value="target_group">{t('limit.scope.target_group')}</option>
        </SelectField>
        <TextField
          label={t('field.name')}
          value={name}
          disabled={limit !== undefined}
          onChange={(event) => setName(event.target.value)}
          required
        />
        <TextField
          type="number"
          min={0}
          max={1_000_000}
          label={t('limit.max')}
          hint={t('limit.max.hint')}
          value={max}
          onChange={(event) => setMax(event.target.value)}
          required
        />
        {save.error && <ErrorNote error={save.error} />}
        <DialogActions>
          {limit && (
            <Button
              look="risky"
              className={css.first}
              disabled={save.isPending}
              onClick={() => save.mutate('remove')}
            >
              {t('limit.remove')}
            </Button>
          )}
          <Button onClick={onClose}>{t('action.close')}</Button>
          <Button type="submit" look="main" disabled={save.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
