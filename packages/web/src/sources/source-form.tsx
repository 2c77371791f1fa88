import { isMessageKey, type Source, type SourceCheck } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import type { List } from '../api/wire.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import {
  draftOf,
  type SettingDraft,
  type SettingField,
  settingFields,
  settingsOf,
} from './setting-fields.ts';
import { SourceChecks } from './source-checks.tsx';
import { sourceKindsQuery, sourcesQuery } from './source-queries.ts';
import css from './sources.module.css';

/** Adds a source or changes its settings; the fields are those that its kind describes. */
export function SourceForm({ source, onClose }: { source: Source | undefined; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const kinds = useQuery(sourceKindsQuery);
  const [name, setName] = useState(source?.name ?? '');
  const [provider, setProvider] = useState(source?.provider ?? '');
  const [chosen, setChosen] = useState(source?.kind);
  const kind =
    kinds.data?.items.find((each) => each.kind === (chosen ?? 'tracker-files')) ?? kinds.data?.items[0];
  const fields = kind === undefined ? [] : settingFields(kind.settings);
  const [changed, setChanged] = useState<SettingDraft>({});
  const draft = { ...draftOf(fields, source?.settings ?? {}), ...changed };
  const settings = settingsOf(fields, draft);
  const save = useMutation({
    mutationFn: () =>
      source === undefined
        ? call<Source>('/sources', {
            method: 'POST',
            body: { name, kind: kind?.kind, settings, ...(provider !== '' && { provider }) },
          })
        : call<Source>(`/sources/${source.id}`, {
            method: 'PATCH',
            body: { version: source.version, settings },
          }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
      announce(t('source.saved', { name }));
      onClose();
    },
  });
  const test = useMutation({
    mutationFn: () =>
      call<List<SourceCheck>>('/sources/test', { method: 'POST', body: { kind: kind?.kind, settings } }),
  });
  const faults = faultsOf(save.error ?? test.error, fields);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const failure = save.error ?? test.error ?? kinds.error;
  return (
    <Dialog title={source === undefined ? t('source.add') : t('source.edit', { name })} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        {source === undefined && (
          <>
            <TextField
              label={t('field.name')}
              value={name}
              fault={faults['name']}
              onChange={(event) => setName(event.target.value)}
              required
            />
            <SelectField
              label={t('source.kind')}
              value={kind?.kind}
              onChange={(event) => setChosen(event.target.value)}
            >
              {kinds.data?.items.map((each) => (
                <option key={each.kind} value={each.kind}>
                  {each.kind}
                </option>
              ))}
            </SelectField>
          </>
        )}
        {fields.map((field) => (
          <Setting
            key={field.name}
            kind={kind?.kind ?? ''}
            field={field}
            value={draft[field.name] ?? ''}
            fault={faults[`settings.${field.name}`]}
            onChange={(value) => setChanged({ ...changed, [field.name]: value })}
          />
        ))}
        {source === undefined && (
          <TextField
            label={t('source.provider')}
            hint={t('source.provider.hint')}
            value={provider}
            onChange={(event) => setProvider(event.target.value)}
          />
        )}
        {test.data && <SourceChecks checks={test.data.items} />}
        {failure && Object.keys(faults).length === 0 && <ErrorNote error={failure} />}
        <DialogActions>
          <Button
            className={css.first}
            disabled={test.isPending || kind === undefined}
            onClick={() => test.mutate()}
          >
            {t('source.test')}
          </Button>
          <Button onClick={onClose}>{t('action.close')}</Button>
          <Button type="submit" look="main" disabled={save.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface SettingProps {
  readonly kind: string;
  readonly field: SettingField;
  readonly value: string | boolean;
  readonly fault: string | undefined;
  readonly onChange: (value: string | boolean) => void;
}

/** In the person's words if there are any, those of the kind first; else as its kind describes it. */
function Setting({ kind, field, value, fault, onChange }: SettingProps) {
  const t = useT();
  const key = `source.setting.${field.name}`;
  const label = isSettingKey(key) ? t(key) : (field.title ?? field.name);
  const hintKey = [`source.setting.${kind}.${field.name}.hint`, `${key}.hint`].find(isSettingKey);
  const hint = hintKey === undefined ? field.description : t(hintKey);
  if (field.look === 'switch') {
    return (
      <label className={css.switch}>
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>
          {label}
          {hint && <span className={css.detail}> {hint}</span>}
        </span>
      </label>
    );
  }
  return (
    <TextField
      label={label}
      {...(hint !== undefined && { hint })}
      fault={fault}
      value={String(value)}
      inputMode={field.look === 'number' ? 'numeric' : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function isSettingKey(key: string): key is 'source.setting.directory' {
  return isMessageKey(key);
}

/** At the fields of the form; none if one of them is of no field here: then the whole answer is to be shown. */
function faultsOf(error: unknown, fields: readonly SettingField[]): Readonly<Record<string, string>> {
  const faults = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  const known = new Set(['name', ...fields.map((field) => `settings.${field.name}`)]);
  if (!faults.every(({ path }) => known.has(path))) return {};
  return Object.fromEntries(faults.map(({ path, message }) => [path, message]));
}
