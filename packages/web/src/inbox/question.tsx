import type { Job } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { withChange } from '../job/draft.ts';
import { useDraft } from '../job/draft-store.ts';
import { JobStatusWord } from '../list/job-status.tsx';
import { Verdict } from '../list/verdict.tsx';
import { Button } from '../ui/button.tsx';
import { TextArea } from '../ui/field.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './inbox.module.css';
import type { Judging } from './use-judging.ts';
import { verdictKeys } from './verdict-keys.ts';

/** Which job, and the answers that there are. What is typed is the draft of the job's page: it is lost nowhere. */
export function Question({ job, walk, mayJudge }: { job: Job; walk: Judging; mayJudge: boolean }) {
  const t = useT();
  const [draft, setDraft] = useDraft(job.id);
  const isJudged = job.analysisStatus !== 'open' || job.assessment !== null;
  return (
    <section className={css.question}>
      <p className={css.line}>
        <JobStatusWord job={job} />
        {job.user && <span>{job.user}</span>}
        {job.project && <span>{job.project}</span>}
        {job.endedAt && <Ago at={job.endedAt} />}
        {isJudged && <Verdict job={job} />}
      </p>
      <h2 id="inbox-job" className={css.name}>
        <Link to="/jobs/$id" params={{ id: String(job.id) }}>
          {job.externalId ?? job.id} {job.name}
        </Link>
      </h2>
      {job.error && <p className={css.error}>{job.error}</p>}
      <p className={css.ask}>{t('inbox.question')}</p>
      <div className={css.answers}>
        {mayJudge &&
          verdictKeys.map(({ key, assessment, label }) => (
            <Button key={key} disabled={walk.busy} onClick={() => walk.judge(job, assessment)}>
              <kbd>{key}</kbd> {t(label)}
            </Button>
          ))}
        <Button look="plain" onClick={walk.skip}>
          <kbd>s</kbd> {t('inbox.skip')}
        </Button>
        {mayJudge && walk.judged > 0 && (
          <Button look="plain" disabled={walk.busy} onClick={walk.undo}>
            <kbd>u</kbd> {t('action.undo')}
          </Button>
        )}
      </div>
      {mayJudge && (
        <TextArea
          data-comment
          label={`${t('inbox.comment.label')} (c)`}
          hint={t('inbox.comment.hint')}
          value={draft?.changes.summary ?? job.summary}
          onChange={(event) => setDraft(withChange(draft, job, { summary: event.target.value }))}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      )}
    </section>
  );
}
