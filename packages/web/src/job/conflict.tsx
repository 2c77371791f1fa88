import type { Job, Translate } from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { historyQuery } from '../api/diary-queries.ts';
import { actorName } from '../ui/actor-name.ts';
import { Button } from '../ui/button.tsx';
import { TextArea } from '../ui/field.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import { bothLists, bothTexts, type Draft, type Verdict, type VerdictField, verdictOf } from './draft.ts';
import { tagText } from './tag-text.ts';
import css from './verdict-form.module.css';

interface ConflictProps {
  /** The job as somebody else saved it meanwhile. */
  readonly theirs: Job;
  readonly draft: Draft;
  /** The fields that both changed. */
  readonly fields: readonly VerdictField[];
  /** Called with what is to be in these fields. */
  readonly onDecide: (decided: Partial<Verdict>) => void;
  readonly onBack: () => void;
}

type Choice = 'mine' | 'theirs' | 'both';

/**
 * Both versions side by side, for the fields that both changed. Nothing is chosen beforehand, and nothing is lost whatever
 * is chosen: the draft stays until it is saved.
 */
export function Conflict({ theirs, draft, fields, onDecide, onBack }: ConflictProps) {
  const t = useT();
  const stored = verdictOf(theirs);
  const mine: Verdict = { ...stored, ...draft.changes };
  const both: Verdict = { ...mine, ...bothOf(draft, stored) };
  const [choices, setChoices] = useState<Partial<Record<VerdictField, Choice>>>({});
  const [texts, setTexts] = useState<Partial<Verdict>>({});
  const versions = { mine, theirs: stored, both: { ...both, ...texts } };
  const alone = Object.keys(draft.changes).filter((field) => !fields.includes(field as VerdictField));
  const decide = () =>
    onDecide(Object.fromEntries(fields.map((field) => [field, versions[choices[field] ?? 'theirs'][field]])));
  return (
    <div className={css.sides} role="alert">
      <p>
        {t('job.conflict.title')}
        <LastSave jobId={theirs.id} />
      </p>
      {alone.length > 0 && (
        <p className={css.hint}>
          {t('job.conflict.alone', {
            fields: alone.map((field) => t(`field.${field as VerdictField}`)).join(', '),
          })}
        </p>
      )}
      {fields.map((field) => (
        <fieldset key={field}>
          <legend className={css.hint}>{t(`field.${field}`)}</legend>
          <div className={css.both}>
            {choicesOf(field).map((choice) => (
              <Side
                key={choice}
                field={field}
                choice={choice}
                chosen={choices[field] === choice}
                onChoose={() => setChoices({ ...choices, [field]: choice })}
              >
                {choice === 'both' && isText(field) ? (
                  choices[field] === 'both' && (
                    <TextArea
                      label={t('job.conflict.merged')}
                      value={versions.both[field]}
                      onChange={(event) => setTexts({ ...texts, [field]: event.target.value })}
                    />
                  )
                ) : (
                  <p className={css.value}>{valueText(versions[choice], field, t)}</p>
                )}
              </Side>
            ))}
          </div>
        </fieldset>
      ))}
      <div className={css.actions}>
        <Button look="main" disabled={fields.some((field) => choices[field] === undefined)} onClick={decide}>
          {t('action.save')}
        </Button>
        <Button look="plain" onClick={onBack}>
          {t('job.conflict.back')}
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
      : <b>{actorName(last.actor ?? '')}</b>, <Ago at={last.at} />
    </>
  );
}

interface SideProps {
  readonly field: VerdictField;
  readonly choice: Choice;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

function Side({ field, choice, chosen, onChoose, children }: SideProps) {
  const t = useT();
  const id = useId();
  return (
    <div className={choice === 'both' ? css.merged : css.side}>
      <label htmlFor={id}>
        <input id={id} name={field} type="radio" checked={chosen} onChange={onChoose} />{' '}
        {t(`job.conflict.${choice}`)}
      </label>
      {children}
    </div>
  );
}

function isText(field: VerdictField): field is 'summary' | 'info' {
  return field === 'summary' || field === 'info';
}

/** Of two words there is only one that can be. */
function choicesOf(field: VerdictField): readonly Choice[] {
  return field === 'analysisStatus' || field === 'assessment'
    ? ['mine', 'theirs']
    : ['mine', 'theirs', 'both'];
}

function bothOf(
  { was, changes }: Draft,
  stored: Verdict,
): Pick<Verdict, 'summary' | 'info' | 'tags' | 'baseRuns'> {
  const { summary, info, tags, baseRuns } = { ...stored, ...changes };
  return {
    summary: bothTexts(was.summary ?? '', summary, stored.summary),
    info: bothTexts(was.info ?? '', info, stored.info),
    tags: bothLists(was.tags ?? [], tags, stored.tags),
    baseRuns: bothLists(was.baseRuns ?? [], baseRuns, stored.baseRuns),
  };
}

/** What stands in a field, in words. */
export function valueText(verdict: Verdict, field: VerdictField, t: Translate): string {
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
