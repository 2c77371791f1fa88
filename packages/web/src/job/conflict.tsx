import type { Job, Translate } from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { historyQuery } from '../api/diary-queries.ts';
import { actorName } from '../ui/actor-name.ts';
import { Button } from '../ui/button.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import { type Draft, differences, type Verdict, type VerdictField, verdictOf } from './draft.ts';
import { tagText } from './tag-text.ts';
import css from './verdict-form.module.css';

interface ConflictProps {
  /** The job as somebody else saved it meanwhile. */
  readonly theirs: Job;
  readonly draft: Draft;
  /** Called with what is left to save on top of theirs. */
  readonly onDecide: (changes: Partial<Verdict>) => void;
}

/** Both versions side by side, field by field. Nothing is lost whatever is chosen first: the draft stays until it is saved. */
export function Conflict({ theirs, draft, onDecide }: ConflictProps) {
  const t = useT();
  const stored = verdictOf(theirs);
  const mine: Verdict = { ...stored, ...draft.changes };
  const fields = differences(stored, mine);
  const [taken, setTaken] = useState<Partial<Record<VerdictField, 'mine' | 'theirs'>>>({});
  const decide = () => {
    const kept = fields.filter((field) => taken[field] !== 'theirs');
    onDecide(Object.fromEntries(kept.map((field) => [field, mine[field]])));
  };
  return (
    <div className={css.sides} role="alert">
      <p>
        {t('job.conflict.title')}
        <LastSave jobId={theirs.id} />
      </p>
      {fields.map((field) => (
        <fieldset key={field}>
          <legend className={css.hint}>{t(`field.${field}`)}</legend>
          <div className={css.both}>
            <Side
              label={t('job.conflict.mine')}
              text={valueText(mine, field, t)}
              chosen={taken[field] !== 'theirs'}
              onChoose={() => setTaken({ ...taken, [field]: 'mine' })}
            />
            <Side
              label={t('job.conflict.theirs')}
              text={valueText(stored, field, t)}
              chosen={taken[field] === 'theirs'}
              onChoose={() => setTaken({ ...taken, [field]: 'theirs' })}
            />
          </div>
        </fieldset>
      ))}
      <div className={css.actions}>
        <Button look="main" onClick={decide}>
          {t('action.save')}
        </Button>
      </div>
    </div>
  );
}

/** Who saved it, and when; nothing as long as only an older look at the history is at hand. */
function LastSave({ jobId }: { jobId: number }) {
  const { data, isFetchedAfterMount } = useInfiniteQuery({
    ...historyQuery(jobId),
    refetchOnMount: 'always',
  });
  const last = isFetchedAfterMount ? data?.pages[0]?.items[0] : undefined;
  if (last === undefined) return null;
  return (
    <>
      : <b>{actorName(last.actor)}</b>, <Ago at={last.at} />
    </>
  );
}

function Side({
  label,
  text,
  chosen,
  onChoose,
}: {
  label: string;
  text: string;
  chosen: boolean;
  onChoose: () => void;
}) {
  const id = useId();
  return (
    <div className={css.side}>
      <label htmlFor={id}>
        <input id={id} type="radio" checked={chosen} onChange={onChoose} /> {label}
      </label>
      <p className={css.value}>{text}</p>
    </div>
  );
}

function valueText(verdict: Verdict, field: VerdictField, t: Translate): string {
  switch (field) {
    case 'analysisStatus':
      return t(`analysisStatus.${verdict.analysisStatus}`);
    case 'assessment':
      return t(`assessment.${verdict.assessment ?? 'none'}`);
    case 'tags':
      return tagText(verdict.tags) || t('state.none');
    case 'baseRuns':
      return verdict.baseRuns.join(' ') || t('state.none');
    case 'summary':
    case 'info':
      return verdict[field] || t('state.none');
  }
}
