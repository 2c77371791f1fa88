import type { Job } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import { jobQuery } from '../api/queries.ts';
import { liveLine } from '../live/live-line.ts';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import { conflictsOf, type Draft, decidedDraft, leftAfterSaving, type Verdict, withChange } from './draft.ts';
import { useDraft } from './draft-store.ts';

interface Sent {
  readonly draft: Draft;
  readonly version: number;
}

/** The draft of a job, and how it is saved: what others have saved meanwhile is merged, and asked about where both changed it. */
export function useDraftSaving(job: Job) {
  const t = useT();
  const client = useQueryClient();
  const { queryKey } = jobQuery(job.id);
  const [draft, setDraft] = useDraft(job.id);
  const [compares, setCompares] = useState(false);
  const conflicts = conflictsOf(draft, job);

  const save = useMutation({
    mutationFn: ({ draft: { changes }, version }: Sent) =>
      call<Job>(`/jobs/${job.id}`, {
        method: 'PATCH',
        body: changes,
        headers: { 'if-match': `"${version}"` },
      }),
    onSuccess: (saved, { draft: sent }) => {
      client.setQueryData(queryKey, saved);
      setDraft(leftAfterSaving(draft, sent, { before: job, saved }));
      announce(t('state.saved'));
    },
    onError: (error, { draft: sent }) => {
      const current = currentOf(error);
      if (!current) return;
      client.setQueryData(queryKey, current);
      if (conflictsOf(sent, current).length > 0) setCompares(true);
      else save.mutate({ draft: sent, version: current.version });
    },
  });
  useWhenBack(isNetwork(save.error) ? save.submittedAt : undefined, save.reset);
  // The row that the stream told may be ahead of what only the whole job has: the server checks that one's version.
  const send = (sent: Draft) =>
    save.mutate({ draft: sent, version: client.getQueryData(queryKey)?.version ?? job.version });

  return {
    draft,
    /** The fields that somebody else has changed, too. */
    conflicts,
    /** They are being compared. */
    compares: compares && conflicts.length > 0,
    saving: save.isPending,
    error: currentOf(save.error) ? null : save.error,
    change: (changes: Partial<Verdict>) => setDraft(withChange(draft, job, changes)),
    undo: () => setDraft(undefined),
    submit: () => {
      if (!draft || save.isPending) return;
      if (conflicts.length > 0) setCompares(true);
      else send(draft);
    },
    decide: (decided: Partial<Verdict>) => {
      if (!draft) return;
      setCompares(false);
      const next = decidedDraft(draft, job, decided);
      setDraft(next);
      if (next) send(next);
      else save.reset();
    },
    back: () => setCompares(false),
  };
}

/** That the server could not be reached is true until it can be: maybe again since then, before the request had failed. */
function useWhenBack(awaySince: number | undefined, onBack: () => void): void {
  const call = useRef(onBack);
  call.current = onBack;
  const [backAt, setBackAt] = useState(0);
  useEffect(() => {
    const back = () => setBackAt(Date.now());
    addEventListener('online', back);
    const silence = liveLine.listen((message) => {
      if (message.type === 'state' && message.state === 'live') back();
    });
    return () => {
      removeEventListener('online', back);
      silence();
    };
  }, []);
  useEffect(() => {
    if (awaySince !== undefined && backAt > awaySince) call.current();
  }, [awaySince, backAt]);
}

function isNetwork(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'network';
}

/** The stored job that a version conflict tells of. */
function currentOf(error: unknown): Job | undefined {
  return error instanceof ApiError && error.code === 'version_conflict'
    ? (error.problem['current'] as Job | undefined)
    : undefined;
}
