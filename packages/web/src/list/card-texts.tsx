import type { JobSummary } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useT } from '../words/language.tsx';
import css from './card-texts.module.css';
import { firstLine } from './first-line.ts';

/** Lists have so many letters of info and summary (see find-jobs.ts); the rest is on the job's page. */
const textInLists = 300;

interface CardTextsProps {
  readonly job: JobSummary;
  /** The list that it stands in, for the way back. */
  readonly list: string;
}

/** What ended a job and what people say of it, each folded to a line that a click opens. */
export function CardTexts({ job, list }: CardTextsProps) {
  const texts = { error: (job.status === 'failed' && job.error) || '', summary: job.summary, info: job.info };
  return (['error', 'summary', 'info'] as const)
    .filter((name) => texts[name] !== '')
    .map((name) => <CardText key={name} name={name} text={texts[name]} job={job} list={list} />);
}

type CardTextProps = CardTextsProps & { name: 'error' | 'summary' | 'info'; text: string };

function CardText({ name, text, job, list }: CardTextProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={css.text} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={css.name}>{t(`field.${name}`)}</span>
        {!open && ` ${firstLine(text)}`}
      </button>
      {open && (
        <span className={css.whole}>
          {text}
          {name !== 'error' && text.length >= textInLists && (
            <>
              {' … '}
              <Link to="/jobs/$id" params={{ id: String(job.id) }} state={{ list }}>
                {t('list.card.whole')}
              </Link>
            </>
          )}
        </span>
      )}
    </>
  );
}
