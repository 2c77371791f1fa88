import type { AnalysisStatus, Assessment, Job } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import { jobQuery } from '../api/queries.ts';
import { Verdict as VerdictWords } from '../list/verdict.tsx';
import { Note } from '../notes/note.tsx';
import { NoteField } from '../notes/note-field.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { announce } from '../ui/toast.tsx';
import { narrowScreen, useMedia } from '../ui/use-media.ts';
import { useT } from '../words/language.tsx';
import { nameOf } from './base-names.ts';
import { BaseRuns } from './base-runs.tsx';
import { Conflict } from './conflict.tsx';
import {
  type Draft,
  hasDraft,
  leftAfterSaving,
  useDraft,
  type Verdict,
  verdictOf,
  withChange,
} from './draft.ts';
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
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useDraft(job.id);
  const [theirs, setTheirs] = useState<Job>();
  const shown: Verdict = { ...verdictOf(job), ...draft?.changes };
  const change = (changes: Partial<Verdict>) => setDraft(withChange(draft, job, changes));

  const save = useMutation({
    mutationFn: ({ version, changes }: Draft) =>
      call<Job>(`/jobs/${job.id}`, {
        method: 'PATCH',
        body: changes,
        headers: { 'if-match': `"${version}"` },
      }),
    onSuccess: (saved, sent) => {
      client.setQueryData(jobQuery(job.id).queryKey, saved);
      setDraft(leftAfterSaving(draft, sent, { before: job, saved }));
      setTheirs(undefined);
      announce(t('state.saved'));
    },
    onError: (error) => setTheirs(currentOf(error)),
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (draft && !save.isPending) save.mutate(draft);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
  };
  if (theirs && draft) {
    return (
      <Conflict
        theirs={theirs}
        draft={draft}
        onDecide={(changes) => {
          setTheirs(undefined);
          client.setQueryData(jobQuery(job.id).queryKey, theirs);
          const next = withChange({ version: theirs.version, changes: {} }, theirs, changes);
          setDraft(next);
          if (next) save.mutate(next);
          else save.reset();
        }}
      />
    );
  }
  return (
    <form ref={form} className={css.form} onSubmit={submit} onKeyDown={onKeyDown}>
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
      {shown.assessment === 'obsolete' && job.assessment !== 'obsolete' && (
        <p className={css.hint}>{t('job.obsolete.warning')}</p>
      )}
      <NoteField
        jobId={job.id}
        label={t('field.summary')}
        value={shown.summary}
        onChange={(summary) => change({ summary })}
      />
      <NoteField
        jobId={job.id}
        label={t('field.info')}
        value={shown.info}
        onChange={(info) => change({ info })}
      />
      <Tags key={tagText(shown.tags)} tags={shown.tags} onChange={(tags) => change({ tags })} />
      <BaseRuns job={job} names={shown.baseRuns} onChange={(baseRuns) => change({ baseRuns })} />
      {save.error && !currentOf(save.error) && <ErrorNote error={save.error} />}
      <div className={css.actions}>
        <Button type="submit" look={draft ? 'main' : 'line'} disabled={!draft || save.isPending}>
          {t('action.save')}
        </Button>
        {draft && (
          <Button look="plain" onClick={() => setDraft(undefined)}>
            {t('action.undo')}
          </Button>
        )}
        <span className={css.hint} role="status">
          {save.isPending ? t('state.saving') : draft ? t('state.unsaved') : ''}
        </span>
      </div>
    </form>
  );
}

/** The stored job that a version conflict tells of. */
function currentOf(error: unknown): Job | undefined {
  return error instanceof ApiError && error.code === 'version_conflict'
    ? (error.problem['current'] as Job | undefined)
    : undefined;
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
