import type { AnalysisStatus, Assessment, Job } from '@daybook/core';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { Verdict as VerdictWords } from '../list/verdict.tsx';
import { Note } from '../notes/note.tsx';
import { NoteField } from '../notes/note-field.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { narrowScreen, useMedia } from '../ui/use-media.ts';
import { useT } from '../words/language.tsx';
import { nameOf } from './base-names.ts';
import { BaseRuns } from './base-runs.tsx';
import { Conflict, valueText } from './conflict.tsx';
import { type Verdict, type VerdictField, verdictOf } from './draft.ts';
import { useDraftLeaving } from './draft-leaving.tsx';
import { useDraftSaving } from './draft-saving.ts';
import { hasDraft } from './draft-store.ts';
import { tagsIn, tagText } from './tag-text.ts';
import css from './verdict-form.module.css';

const analysisStatuses = Object.keys({ open: 0, ongoing: 0, done: 0 } satisfies Record<
  AnalysisStatus,
  0
>) as AnalysisStatus[];
const assessments = Object.keys({ ok: 0, not_ok: 0, issue: 0, other: 0, obsolete: 0 } satisfies Record<
  Assessment,
  0
>) as Assessment[];

/** What people say of the job. Who may not change it reads it. */
export function VerdictForm({ job }: { job: Job }) {
  const t = useT();
  const mayEdit = useMay('jobs.annotate');
  // On a small screen the form would push everything else far down.
  const folded = useMedia(narrowScreen);
  const [opened, setOpened] = useState(() => hasDraft(job.id));
  // What was begun on a wide screen is not hidden when the window becomes narrow.
  const edits = mayEdit && (opened || !folded || hasDraft(job.id));
  return (
    <section className={css.section}>
      <div className={css.head}>
        <h2>{t('field.verdict')}</h2>
        {mayEdit && !edits && (
          <Button look="plain" onClick={() => setOpened(true)}>
            {t('action.edit')}
          </Button>
        )}
      </div>
      {edits ? <Editor job={job} /> : <ReadOnly job={job} />}
    </section>
  );
}

function Editor({ job }: { job: Job }) {
  const t = useT();
  useDraftLeaving(job);
  const { draft, conflicts, change, submit, ...saving } = useDraftSaving(job);
  const stored = verdictOf(job);
  const shown: Verdict = { ...stored, ...draft?.changes };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
    // Back to the keys of the page, as in the inbox; what is typed stays.
    if (event.key === 'Escape' && isField(event.target)) event.target.blur();
  };
  if (saving.compares && draft) {
    return (
      <Conflict
        // What somebody else saves while the two are looked at is looked at anew.
        key={JSON.stringify(conflicts.map((field) => stored[field]))}
        theirs={job}
        draft={draft}
        fields={conflicts}
        onDecide={saving.decide}
        onBack={saving.back}
      />
    );
  }
  const meanwhile = (field: VerdictField) =>
    conflicts.includes(field) && (
      <p className={css.meanwhile}>
        {t('job.conflict.field', { field: t(`field.${field}`), value: valueText(stored, field, t) })}
      </p>
    );
  return (
    <form className={css.form} onSubmit={onSubmit} onKeyDown={onKeyDown}>
      <div className={css.pair}>
        <SelectField
          label={t('field.analysisStatus')}
          value={shown.analysisStatus}
          onChange={(event) => change({ analysisStatus: event.target.value as AnalysisStatus })}
        >
          {analysisStatuses.map((each) => (
            <option key={each} value={each}>
              {t(`analysisStatus.${each}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('field.assessment')}
          value={shown.assessment ?? ''}
          onChange={(event) =>
            change({ assessment: event.target.value === '' ? null : (event.target.value as Assessment) })
          }
        >
          <option value="">{t('assessment.none')}</option>
          {assessments.map((each) => (
            <option key={each} value={each}>
              {t(`assessment.${each}`)}
            </option>
          ))}
        </SelectField>
      </div>
      {meanwhile('analysisStatus')}
      {meanwhile('assessment')}
      {shown.assessment === 'obsolete' && job.assessment !== 'obsolete' && (
        <p className={css.hint}>{t('job.obsolete.warning')}</p>
      )}
      <NoteField
        jobId={job.id}
        label={t('field.summary')}
        value={shown.summary}
        onChange={(summary) => change({ summary })}
      />
      {meanwhile('summary')}
      <NoteField
        jobId={job.id}
        label={t('field.info')}
        value={shown.info}
        onChange={(info) => change({ info })}
      />
      {meanwhile('info')}
      <Tags key={tagText(shown.tags)} tags={shown.tags} onChange={(tags) => change({ tags })} />
      {meanwhile('tags')}
      <BaseRuns job={job} names={shown.baseRuns} onChange={(baseRuns) => change({ baseRuns })} />
      {meanwhile('baseRuns')}
      {saving.error && <ErrorNote error={saving.error} onRetry={submit} />}
      <div className={css.actions}>
        <Button type="submit" look={draft ? 'main' : 'line'} disabled={!draft || saving.saving}>
          {t('action.save')}
        </Button>
        {draft && (
          <Button look="plain" onClick={saving.undo}>
            {t('action.undo')}
          </Button>
        )}
        <span className={css.hint} role="status">
          {saving.saving
            ? t('state.saving')
            : draft
              ? t(conflicts.length > 0 ? 'job.conflict.title' : 'state.unsaved')
              : ''}
        </span>
      </div>
    </form>
  );
}

function isField(target: EventTarget): target is HTMLElement {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}

/** Taken when the field is left. */
function Tags({ tags, onChange }: { tags: readonly string[]; onChange: (tags: readonly string[]) => void }) {
  const t = useT();
  const [text, setText] = useState(tagText(tags));
  const take = () => {
    const next = tagsIn(text);
    if (JSON.stringify(next) !== JSON.stringify(tags)) onChange(next);
  };
  return (
    <TextField
      label={t('field.tags')}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  );
}

function ReadOnly({ job }: { job: Job }) {
  const t = useT();
  const texts = [
    { label: t('field.summary'), text: job.summary },
    { label: t('field.info'), text: job.info },
  ].filter(({ text }) => text !== '');
  return (
    <>
      <p>
        <VerdictWords job={job} />
      </p>
      <dl className={css.texts}>
        {texts.map(({ label, text }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Note text={text} />
            </dd>
          </div>
        ))}
        {job.tags.length > 0 && (
          <div>
            <dt>{t('field.tags')}</dt>
            <dd>{tagText(job.tags)}</dd>
          </div>
        )}
      </dl>
      <BaseRuns job={job} names={job.baseRuns.map(nameOf)} />
    </>
  );
}
