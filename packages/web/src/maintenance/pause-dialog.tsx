import type { MaintenanceChangeBody } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { configurationsQuery } from '../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import css from './maintenance.module.css';

/** Says something about maintenance, and lets every page know. */
function useChange(done: string, onClose: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: MaintenanceChangeBody) => call('/maintenance', { method: 'POST', body }),
    onSuccess: async () => {
      await Promise.all(
        ['maintenance', 'queue'].map((name) => client.invalidateQueries({ queryKey: [name] })),
      );
      announce(done);
      onClose();
    },
  });
}

/** Pauses at once, or (`plan`) at a time to come. */
export function PauseDialog({ plan, onClose }: { plan: boolean; onClose: () => void }) {
  const t = useT();
  const [reason, setReason] = useState('');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [only, setOnly] = useState<readonly string[]>([]);
  const change = useChange(t(plan ? 'pause.plan.done' : 'pause.done'), onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({
      paused: true,
      reason: reason.trim(),
      ...(plan && { startsAt: instantOf(from) }),
      ...(until !== '' && { endsAt: instantOf(until) }),
      ...(only.length > 0 && { configurations: [...only] }),
    });
  };
  return (
    <Dialog title={t(plan ? 'pause.plan.title' : 'pause.now.title')} onClose={onClose}>
      <p>{t('pause.goesOn')}</p>
      <form className={css.form} onSubmit={submit}>
        <TextField
          label={t('pause.reason')}
          hint={t('pause.reason.hint')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          maxLength={1_000}
          required
        />
        {plan && (
          <TextField
            type="datetime-local"
            label={t('pause.from')}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
            required
          />
        )}
        <TextField
          type="datetime-local"
          label={t('pause.until')}
          hint={t('pause.until.hint')}
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
        <OnlySome chosen={only} onChoose={setOnly} />
        {change.error && <ErrorNote error={change.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.close')}</Button>
          <Button type="submit" look="main" disabled={change.isPending}>
            {t(plan ? 'pause.plan' : 'pause.pause')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** What the field says is the wall clock of the person. */
function instantOf(local: string): string {
  return new Date(local).toISOString();
}

interface OnlySomeProps {
  readonly chosen: readonly string[];
  readonly onChoose: (tags: readonly string[]) => void;
}

/** Nothing chosen is everything. */
function OnlySome({ chosen, onChoose }: OnlySomeProps) {
  const t = useT();
  const { data } = useQuery(configurationsQuery);
  const offered = data?.items.filter((each) => each.pausable !== false) ?? [];
  if (offered.length === 0) return null;
  return (
    <details className={css.only}>
      <summary>{t('pause.only')}</summary>
      <div className={css.choices}>
        {offered.map(({ tag, name }) => (
          <label key={tag}>
            <input
              type="checkbox"
              checked={chosen.includes(tag)}
              onChange={(event) =>
                onChoose(event.target.checked ? [...chosen, tag] : chosen.filter((each) => each !== tag))
              }
            />
            {name}
          </label>
        ))}
      </div>
    </details>
  );
}

/** Ends every pause that counts now. */
export function ResumeDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [reason, setReason] = useState('');
  const change = useChange(t('pause.resume.done'), onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ paused: false, reason: reason.trim() });
  };
  return (
    <Dialog title={t('pause.resume.title')} onClose={onClose}>
      <p>{t('pause.resume.explain')}</p>
      <form className={css.form} onSubmit={submit}>
        <TextField
          label={t('pause.reason.resume')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          maxLength={1_000}
          required
        />
        {change.error && <ErrorNote error={change.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.close')}</Button>
          <Button type="submit" look="main" disabled={change.isPending}>
            {t('pause.resume')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
