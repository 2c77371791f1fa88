import type { BulkAction, BulkOutcome, BulkPreview } from '@daybook/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { call } from '../api/client.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import { skippedText } from './bulk-text.ts';
import type { Chosen } from './judge-dialog.tsx';

interface BulkDialogProps {
  readonly action: BulkAction;
  readonly chosen: Chosen;
  /** It was carried out; the dialog stays, to tell of it. */
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Says how many jobs it would be and what is left out and why, and does it when told to. */
export function BulkDialog({ action, chosen, onDone, onClose }: BulkDialogProps) {
  const t = useT();
  const once = useId();
  const [message, setMessage] = useState('');
  // Asked anew for every dialog: what was true of the last one has passed.
  const trial = useQuery({
    queryKey: ['bulk', once],
    queryFn: ({ signal }) =>
      call<BulkPreview>('/jobs/bulk', { method: 'POST', body: { action, ...chosen, dryRun: true }, signal }),
    gcTime: 0,
    retry: false,
  });
  const run = useMutation({
    mutationFn: () =>
      call<BulkOutcome>('/jobs/bulk', {
        method: 'POST',
        body: { action, ...chosen, ...(message.trim() !== '' && { message: message.trim() }) },
      }),
    onSuccess: onDone,
  });
  if (run.data) return <Result action={action} outcome={run.data} onClose={onClose} />;
  const count = trial.data?.applicable ?? 0;
  return (
    <Dialog title={t(`bulk.${action}.title`)} onClose={onClose}>
      <p>{t(`bulk.${action}.explain`)}</p>
      <p role="status">
        {trial.data ? (
          <>
            <b>{t(`bulk.${action}.will`, { count })}</b> {skippedText(trial.data.skipped, t)}
          </>
        ) : (
          !trial.error && t('bulk.counting')
        )}
      </p>
      {trial.data?.more && <p>{t('bulk.more')}</p>}
      {trial.error && <ErrorNote error={trial.error} onRetry={() => void trial.refetch()} />}
      {count > 0 && (
        <TextField
          label={t('bulk.message')}
          hint={t('bulk.message.hint')}
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
      )}
      {run.error && <ErrorNote error={run.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button
          look={action === 'retry' ? 'main' : 'risky'}
          disabled={count === 0 || run.isPending}
          onClick={() => run.mutate()}
        >
          {run.isPending ? t('bulk.working') : t(`bulk.${action}.do`, { count })}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Result({
  action,
  outcome,
  onClose,
}: {
  action: BulkAction;
  outcome: BulkOutcome;
  onClose: () => void;
}) {
  const t = useT();
  return (
    <Dialog title={t(`bulk.${action}.done`, { count: outcome.changed })} onClose={onClose}>
      <p>{skippedText(outcome.skipped, t) || t('bulk.skipped.none')}</p>
      {outcome.interrupted !== undefined && <p>{t('bulk.interrupted')}</p>}
      {outcome.more && <p>{t('bulk.more')}</p>}
      <DialogActions>
        <Button look="main" onClick={onClose}>
          {t('action.close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
