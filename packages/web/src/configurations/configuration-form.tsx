import { nextVersion } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { call } from '../api/client.ts';
import type { StoredConfiguration } from '../api/wire.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import {
  type ConfigurationDraft,
  draftOf,
  saysTheSame,
  stepsOf,
  useConfigurationDraft,
} from './configuration-draft.ts';
import css from './configuration-form.module.css';
import { type FieldFaults, fieldFaultsOf, repeatedTags } from './field-faults.ts';
import { SaveVersion } from './save-version.tsx';
import { StepFields } from './step-fields.tsx';
import { StepWeights } from './step-weights.tsx';

interface ConfigurationFormProps {
  /** All versions, the highest first: the form begins with that one. None is a configuration from nothing. */
  readonly versions: readonly StoredConfiguration[];
}

/** Name, version and steps by hand. A next version is held beside the latest before it is saved. */
export function ConfigurationForm({ versions }: ConfigurationFormProps) {
  const t = useT();
  const [latest] = versions;
  const form = useRef<HTMLFormElement>(null);
  const [draft, keep] = useConfigurationDraft(latest ? `${latest.provider ?? ''}/${latest.tag}` : '');
  const [comparing, setComparing] = useState(false);
  const [faults, setFaults] = useState<FieldFaults>({});
  const shown = draft ?? draftOf(latest);
  const proposed = nextVersion(versions.map(({ version }) => version));
  const next = {
    tag: latest?.tag ?? shown.tag,
    name: shown.name,
    version: shown.version ?? proposed,
    steps: stepsOf(shown),
  };
  const save = useSave(latest, {
    onSaved: () => keep(undefined),
    onRefused: (error) => {
      setComparing(false);
      setFaults(fieldFaultsOf(error, shown, latest === undefined, t));
    },
  });
  const change = (changes: Partial<ConfigurationDraft>, path?: string) => {
    keep({ ...shown, ...changes });
    // What is wrong at other fields stays to be read, unless they changed places.
    setFaults(({ [path ?? '']: _, ...others }) => (path === undefined ? {} : others));
  };
  const undo = () => {
    keep(undefined);
    setFaults({});
    save.reset();
  };
  useEffect(() => {
    if (Object.keys(faults).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const repeated = repeatedTags(shown, t);
    setFaults(repeated);
    if (Object.keys(repeated).length > 0) return;
    if (!latest) save.mutate(next);
    else if (!saysTheSame(shown, latest)) setComparing(true);
  };
  const same = latest !== undefined && saysTheSame(shown, latest);
  return (
    <form ref={form} className={css.form} onSubmit={submit}>
      <div className={css.head}>
        <TextField
          label={t('field.name')}
          value={shown.name}
          fault={faults['name']}
          onChange={(event) => change({ name: event.target.value }, 'name')}
          required
        />
        {!latest && (
          <TextField
            label={t('configurations.tag')}
            hint={t('configurations.tag.hint')}
            value={shown.tag}
            fault={faults['tag']}
            onChange={(event) => change({ tag: event.target.value }, 'tag')}
            required
          />
        )}
        <TextField
          label={t('field.version')}
          value={next.version}
          fault={faults['version']}
          onChange={(event) => change({ version: event.target.value }, 'version')}
          required
        />
      </div>
      <StepWeights
        steps={next.steps.map((step, index) => ({
          ...step,
          tag: String(shown.steps[index]?.key),
          points: Math.max(step.points || 0, 0),
        }))}
      />
      <StepFields draft={shown} faults={faults} onChange={change} />
      {latest && draft && draft.from !== latest.version && (
        <p className={css.note}>
          {t('configurations.draftBehind', { from: draft.from ?? '', latest: latest.version })}
        </p>
      )}
      {save.error !== null && Object.keys(faults).length === 0 && <ErrorNote error={save.error} />}
      <div className={css.actions}>
        <Button type="submit" look={draft && !same ? 'main' : 'line'} disabled={same || save.isPending}>
          {latest ? t('configurations.compare') : t('configurations.make')}
        </Button>
        {draft && (
          <Button look="plain" onClick={undo}>
            {t('action.undo')}
          </Button>
        )}
        <span className={css.note} role="status">
          {save.isPending ? t('state.saving') : draft ? t('state.unsaved') : ''}
        </span>
      </div>
      {comparing && latest && (
        <SaveVersion
          latest={latest}
          next={next}
          pending={save.isPending}
          onSave={() => save.mutate(next)}
          onClose={() => setComparing(false)}
        />
      )}
    </form>
  );
}

/** Saves a version and goes to see it. */
function useSave(
  latest: StoredConfiguration | undefined,
  { onSaved, onRefused }: { onSaved: () => void; onRefused: (error: unknown) => void },
) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (next: Pick<StoredConfiguration, 'tag' | 'name' | 'version' | 'steps'>) => {
      const whose = latest?.provider ? `?${new URLSearchParams({ provider: latest.provider })}` : '';
      return call<StoredConfiguration>(`/configurations${whose}`, { method: 'POST', body: next });
    },
    onSuccess: async ({ tag, provider, version }) => {
      onSaved();
      await client.invalidateQueries({ queryKey: ['configurations'] });
      announce(t('configurations.measure.done', { version }));
      await navigate({ to: '/configurations/$tag', params: { tag }, search: provider ? { provider } : {} });
    },
    onError: onRefused,
  });
}
