import {
  type AnalysisStatus,
  type Assessment,
  analysisStatuses,
  assessments,
  type BulkChanges,
  type BulkEditOutcome,
  type BulkEditPreview,
  type Translate,
  type UndoOutcome,
} from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useState } from 'react';
import { call } from '../api/client.ts';
import { renewLists } from '../api/queries.ts';
import { tagsIn } from '../job/tag-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import css from './bulk-bar.module.css';

export type Chosen = { readonly ids: readonly number[] } | { readonly filter: Record<string, string> };

interface JudgeDialogProps {
  readonly chosen: Chosen;
  readonly count: number;
  /** It was carried out; the dialog stays, to tell of it and to undo it. */
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Says the same of many jobs: how many change is told first, and all of it can be undone after. */
export function JudgeDialog({ chosen, count, onDone, onClose }: JudgeDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [form, setForm] = useState<Form>({ analysisStatus: '', assessment: '', addTags: '', removeTags: '' });
  const changes = changesOf(form);
  const trial = usePreview(chosen, changes);
  const run = useMutation({
    mutationFn: () =>
      call<BulkEditOutcome>('/jobs/bulk-edit', { method: 'POST', body: { ...chosen, changes } }),
    onSuccess: () => {
      renewLists(client);
      onDone();
    },
  });
  const set = (change: Partial<Form>) => setForm({ ...form, ...change });
  if (run.data) return <Result outcome={run.data} onClose={onClose} />;
  return (
    <Dialog title={t('bulk.judge.title', { count })} onClose={onClose}>
      <div className={css.judge}>
        <SelectField
          label={t('field.analysisStatus')}
          value={form.analysisStatus}
          onChange={(event) => set({ analysisStatus: event.target.value as Form['analysisStatus'] })}
        >
          <option value="">{t('bulk.judge.keep')}</option>
          {analysisStatuses.map((each) => (
            <option key={each} value={each}>
              {t(`analysisStatus.${each}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('field.assessment')}
          value={form.assessment}
          onChange={(event) => set({ assessment: event.target.value as Form['assessment'] })}
        >
          <option value="">{t('bulk.judge.keep')}</option>
          {(['none', ...assessments] as const).map((each) => (
            <option key={each} value={each}>
              {t(`assessment.${each}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t('bulk.judge.addTags')}
          value={form.addTags}
          onChange={(event) => set({ addTags: event.target.value })}
        />
        <TextField
          label={t('bulk.judge.removeTags')}
          value={form.removeTags}
          onChange={(event) => set({ removeTags: event.target.value })}
        />
      </div>
      {form.assessment === 'obsolete' && <p>{t('job.obsolete.warning')}</p>}
      <p role="status">{trial.data && <Preview preview={trial.data} />}</p>
      {trial.error && <ErrorNote error={trial.error} />}
      {run.error && <ErrorNote error={run.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button
          look="main"
          disabled={!trial.data || trial.data.applicable === 0 || run.isPending}
          onClick={() => run.mutate()}
        >
          {run.isPending ? t('bulk.working') : t('bulk.judge.submit')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface Form {
  readonly analysisStatus: AnalysisStatus | '';
  readonly assessment: Assessment | 'none' | '';
  readonly addTags: string;
  readonly removeTags: string;
}

function changesOf({ analysisStatus, assessment, addTags, removeTags }: Form): BulkChanges {
  const [add, remove] = [tagsIn(addTags), tagsIn(removeTags)];
  return {
    ...(analysisStatus !== '' && { analysisStatus }),
    ...(assessment !== '' && { assessment: assessment === 'none' ? null : assessment }),
    ...(add.length > 0 && { addTags: add }),
    ...(remove.length > 0 && { removeTags: remove }),
  };
}

/** Typing pauses so long before the server counts, ms. */
const PAUSE = 250;

/** What would change, asked anew for every dialog and every change of it. */
function usePreview(chosen: Chosen, changes: BulkChanges) {
  const once = useId();
  const wanted = JSON.stringify(changes);
  const [settled, setSettled] = useState('{}');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(wanted), PAUSE);
    return () => clearTimeout(timer);
  }, [wanted]);
  const query = useQuery({
    queryKey: ['bulk edit', once, settled],
    queryFn: ({ signal }) =>
      call<BulkEditPreview>('/jobs/bulk-edit', {
        method: 'POST',
        body: { ...chosen, changes: JSON.parse(settled), dryRun: true },
        signal,
      }),
    enabled: settled !== '{}',
    gcTime: 0,
    retry: false,
  });
  // What was counted for other changes says nothing of these.
  return {
    data: settled === wanted ? query.data : undefined,
    error: settled === wanted ? query.error : null,
  };
}

function Preview({ preview: { applicable, skipped, more } }: { preview: BulkEditPreview }) {
  const t = useT();
  const parts = [skippedText(skipped, t), more ? t('bulk.judge.more') : ''].filter(Boolean);
  return (
    <>
      <b>{t('bulk.judge.applicable', { count: applicable })}</b> {parts.join(' ')}
    </>
  );
}

function skippedText(skipped: BulkEditPreview['skipped'], t: Translate): string {
  const reasons = skipped
    .filter(({ count }) => count > 0)
    .map(({ reason, count }) => t(`bulk.judge.skipped.${reason}`, { count }));
  return reasons.length === 0 ? '' : `(${reasons.join(', ')})`;
}

function Result({ outcome, onClose }: { outcome: BulkEditOutcome; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => call<UndoOutcome>(`/jobs/bulk-edit/${outcome.edit}/undo`, { method: 'POST' }),
    onSuccess: () => renewLists(client),
  });
  return (
    <Dialog title={t('bulk.judge.done', { count: outcome.changed })} onClose={onClose}>
      {undo.data ? (
        <p role="status">
          {t('bulk.judge.restored', { count: undo.data.restored })}
          {undo.data.refused > 0 && ` · ${t('bulk.judge.refused', { count: undo.data.refused })}`}
        </p>
      ) : (
        <p>{skippedText(outcome.skipped, t)}</p>
      )}
      {outcome.interrupted !== undefined && <p>{t('bulk.interrupted')}</p>}
      {outcome.more && <p>{t('bulk.judge.more')}</p>}
      {undo.error && <ErrorNote error={undo.error} />}
      <DialogActions>
        {outcome.edit !== null && !undo.data && (
          <Button disabled={undo.isPending} onClick={() => undo.mutate()}>
            {undo.isPending ? t('bulk.working') : t('action.undo')}
          </Button>
        )}
        <Button look="main" onClick={onClose}>
          {t('action.close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
