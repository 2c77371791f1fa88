import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { maintenanceQuery } from '../api/queries.ts';
import { useNow } from '../ui/use-now.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './pause-note.module.css';
import { currentText, plannedText } from './pause-text.ts';

/** So long before it begins everybody is told of a planned pause, ms. */
const announceFor = 24 * 3_600_000;

/** What does not fit a line or two is said on the page of maintenance. */
const mostLines = 2;

/** One quiet line on every page while something is paused, or will be soon: who, why, until when. */
export function PauseNote() {
  const t = useT();
  const now = useNow();
  const { data } = useQuery(maintenanceQuery);
  if (!data) return null;
  const soon = data.scheduled.filter((pause) => Date.parse(pause.startsAt) - now < announceFor);
  const lines = [
    ...data.all.map((pause) => ({ id: pause.id, text: currentText(pause, now, t, timeZone) })),
    ...soon.map((pause) => ({ id: pause.id, text: plannedText(pause, now, t, timeZone) })),
  ];
  if (lines.length === 0) return null;
  return (
    <aside className={css.note} data-current={data.paused} aria-label={t('nav.maintenance')}>
      <svg className={css.mark} viewBox="0 0 12 12" aria-hidden="true">
        {data.paused ? (
          <path d="M3 1.5h2v9H3zM7 1.5h2v9H7z" fill="currentcolor" />
        ) : (
          <path
            d="M6 1.2a4.8 4.8 0 1 0 .01 0M6 3.4V6l1.8 1.2"
            fill="none"
            stroke="currentcolor"
            strokeWidth="1.3"
          />
        )}
      </svg>
      <p>
        {lines.slice(0, mostLines).map(({ id, text }, index) => (
          <span key={id}>
            {index > 0 && ' · '}
            <Link to="/maintenance">{text}</Link>
          </span>
        ))}
        {lines.length > mostLines && (
          <span> · {t('list.showMore', { count: lines.length - mostLines })}</span>
        )}
      </p>
    </aside>
  );
}
