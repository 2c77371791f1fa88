import type { Assessment, Job } from '@daybook/core';
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { ApiError, call } from '../api/client.ts';
import { jobQuery } from '../api/queries.ts';
import { withChange } from '../job/draft.ts';
import { dropDraft, keepDraft, readDraft } from '../job/draft-store.ts';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';

export interface Judging {
  /** The job that is shown; undefined at the end of the pile. */
  readonly current: number | undefined;
  readonly judged: number;
  readonly skipped: number;
  /** All that wait, and those that were judged; the pile holds the latest of them. */
  readonly total: number;
  readonly busy: boolean;
  readonly problem: unknown;
  judge(job: Job, assessment: Assessment): void;
  skip(): void;
  back(): void;
  again(): void;
  /** Another pile, of those that wait then. */
  more(waiting: Waiting): void;
  undo(): void;
}

/** A job before and after a verdict of this walk. */
interface Judged {
  readonly was: Job;
  readonly is: Job;
}

/** What waits for a verdict: the latest of them, and how many there are. */
export interface Waiting {
  readonly ids: readonly number[];
  readonly total: number;
}

interface Walk {
  /** The place in the pile. */
  readonly at: number;
  readonly judged: readonly Judged[];
  readonly skipped: readonly number[];
  readonly pile: readonly number[];
  readonly total: number;
}

/** A look at a job, or at another page, may take so long, ms. */
const keptFor = 60 * 60_000;

/** Where the walk of this visit is kept: it goes on after a look at a job. */
export const walkKey = (whose: string) => ['inbox walk', whose];

/** The walk as it stands; what has come to wait since it was left lies at the end of its pile. */
function useWalk(whose: string, waiting: Waiting) {
  const client = useQueryClient();
  const begin = (): Walk => ({ at: 0, judged: [], skipped: [], pile: waiting.ids, total: waiting.total });
  const { data: walk = begin() } = useQuery<Walk>({
    queryKey: walkKey(whose),
    queryFn: skipToken,
    initialData: begin,
    gcTime: keptFor,
  });
  const setWalk = useCallback(
    (next: (now: Walk) => Walk) => {
      client.setQueryData<Walk>(walkKey(whose), (now) => now && next(now));
    },
    [client, whose],
  );
  useEffect(() => {
    setWalk((now) => ({
      ...now,
      pile: [...now.pile, ...waiting.ids.filter((id) => !now.pile.includes(id))],
      total: now.judged.length + waiting.total,
    }));
  }, [setWalk, waiting]);
  return [walk, setWalk] as const;
}

/** A walk through the inbox: what was judged, what was skipped, and where one stands. */
export function useJudging(whose: string, waiting: Waiting): Judging {
  const t = useT();
  const client = useQueryClient();
  const [walk, setWalk] = useWalk(whose, waiting);
  const save = useMutation({
    mutationFn: ({ job, changes }: { job: Job; changes: object }) =>
      call<Job>(`/jobs/${job.id}`, {
        method: 'PATCH',
        body: changes,
        headers: { 'if-match': `"${job.version}"` },
      }),
    onSuccess: (saved) => {
      client.setQueryData(jobQuery(saved.id).queryKey, saved);
      // The pile of this walk stays as it is.
      void client.invalidateQueries({ queryKey: ['facets'] });
    },
    onError: (error, { job }) => {
      const current = error instanceof ApiError ? (error.problem['current'] as Job | undefined) : undefined;
      if (!current) return;
      client.setQueryData(jobQuery(job.id).queryKey, current);
      const verdict = t(`assessment.${current.assessment ?? 'none'}`);
      announce(t('inbox.changed', { id: job.externalId ?? job.id, verdict }));
    },
  });
  return useMemo((): Judging => {
    const { at, judged, skipped, pile } = walk;
    const current = pile[at];
    return {
      current,
      judged: judged.length,
      skipped: skipped.length,
      total: walk.total,
      busy: save.isPending,
      problem: isConflict(save.error) ? null : save.error,
      judge(job, assessment) {
        // A key that is held down judges one job.
        if (save.isPending || job.id !== current) return;
        const summary = readDraft(job.id)?.changes.summary;
        const changes = { analysisStatus: 'done', assessment, ...(summary !== undefined && { summary }) };
        save.mutate(
          { job, changes },
          {
            onSuccess: (is) => {
              dropDraft(job.id);
              announce(
                t('inbox.judged', { id: job.externalId ?? job.id, verdict: t(`assessment.${assessment}`) }),
              );
              setWalk((now) => ({
                ...now,
                at: now.at + 1,
                judged: [...now.judged.filter(({ was }) => was.id !== job.id), { was: job, is }],
                skipped: now.skipped.filter((id) => id !== job.id),
              }));
            },
          },
        );
      },
      skip: () => {
        if (current !== undefined)
          setWalk((now) => ({
            ...now,
            at: at + 1,
            skipped: [...skipped.filter((id) => id !== current), current],
          }));
      },
      back: () => setWalk((now) => ({ ...now, at: Math.max(0, at - 1) })),
      again: () => setWalk((now) => ({ ...now, at: 0, pile: skipped, skipped: [] })),
      more: ({ ids, total }) =>
        setWalk((now) => ({ ...now, at: 0, pile: ids, skipped: [], total: now.judged.length + total })),
      undo: () => {
        const last = judged.at(-1);
        const job = last && client.getQueryData<Job>(jobQuery(last.was.id).queryKey);
        if (!job || save.isPending) return;
        const { analysisStatus, assessment, summary } = last.was;
        // The comment goes back to where it was typed; what somebody has made of it since stays.
        const comment =
          last.is.summary !== summary && job.summary === last.is.summary ? job.summary : undefined;
        const changes = { analysisStatus, assessment, ...(comment !== undefined && { summary }) };
        save.mutate(
          { job, changes },
          {
            onSuccess: (saved) => {
              if (comment !== undefined)
                keepDraft(job.id, withChange(undefined, saved, { summary: comment }));
              announce(t('inbox.undone', { id: job.externalId ?? job.id }));
              setWalk((now) => ({
                ...now,
                // It may have been in an earlier pile.
                pile: now.pile.includes(job.id) ? now.pile : [job.id, ...now.pile],
                at: Math.max(0, now.pile.indexOf(job.id)),
                judged: now.judged.filter(({ was }) => was.id !== job.id),
              }));
            },
          },
        );
      },
    };
  }, [walk, setWalk, save, client, t]);
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'version_conflict';
}
