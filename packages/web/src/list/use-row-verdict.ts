import type { Assessment, BulkEditOutcome, JobSummary } from '@daybook/core';
import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../api/client.ts';
import { verdictKeys } from '../inbox/verdict-keys.ts';
import { useMay } from '../shell/session.ts';
import { useErrorText } from '../ui/error-note.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';

/**
 * `e` and one letter: the verdict on the row that one is at, without leaving the list (ui.md, principle 5). It is an edit
 * of many jobs that means one, because those are undone by the server, to what stood before.
 */
export function useRowVerdict(currentRow: () => JobSummary | undefined): void {
  const t = useT();
  const mayJudge = useMay('jobs.annotate');
  const textOf = useErrorText();
  const onError = (error: unknown) => announce(textOf(error));
  const { mutate: judge, data: last } = useMutation({
    mutationFn: ({ job, assessment }: { job: JobSummary; assessment: Assessment }) =>
      call<BulkEditOutcome>('/jobs/bulk-edit', {
        method: 'POST',
        body: { ids: [job.id], changes: { analysisStatus: 'done', assessment } },
      }),
    onSuccess: (_, { job, assessment }) =>
      announce(
        t('rowVerdict.said', { id: job.externalId ?? job.id, verdict: t(`assessment.${assessment}`) }),
      ),
    onError,
  });
  const { mutate: undo } = useMutation({
    mutationFn: (edit: number) => call(`/jobs/bulk-edit/${edit}/undo`, { method: 'POST' }),
    onSuccess: () => announce(t('rowVerdict.undone')),
    onError,
  });
  const edit = last?.edit;
  useShortcuts(
    useMemo((): Shortcut[] => {
      if (!mayJudge) return [];
      const verdicts = verdictKeys.map(({ key, assessment, label }) => ({
        keys: `e ${key}`,
        label: t('rowVerdict.key', { verdict: t(label) }),
        run: () => {
          const job = currentRow();
          if (job) judge({ job, assessment });
        },
      }));
      return [
        ...verdicts,
        { keys: 'e u', label: t('rowVerdict.undo'), run: () => edit != null && undo(edit) },
      ];
    }, [t, mayJudge, judge, undo, edit, currentRow]),
  );
}
