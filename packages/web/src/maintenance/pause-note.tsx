import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { maintenanceQuery } from '../api/queries.ts';
import { useNow } from '../ui/use-now.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './pause-note.module.css';
import { currentText, plannedText } from './pause-text.ts';

/** So long before it begins everybody is told of a planned pause, ms. */
const announceFor = 24 * 3_600_000;

/** One quiet line on every page while something is paused, or will be soon: who, why, until when. */
export function PauseNote() {
  const t = useT();
  const now = useNow();
  const { data } = useQuery(maintenanceQuery);
  if (!data) return null;
  const soon = data.scheduled.filter((pause) => Date.parse(pause.startsAt) - now < announceFor);
  const lines = [
    ...data.all.map((pause) => ({ pause, text: currentText(pause, now, t, timeZone), current: true })),
    ...soon.map((pause) => ({ pause, text: plannedText(pause, now, t, timeZone), current: false })),
  ];
  const [first, ...others] = lines;
  if (!first) return null;
  return (
    <aside className={css.note} data-current={first.current} aria-label={t('nav.maintenance')}>
      <svg className={css.mark} viewBox="0 0 12 12" aria-hidden="true">
        {first.current ? (
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
      <Link to="/maintenance">{first.text}</Link>
      {others.length > 0 && <span>{t('list.showMore', { count: others.length })}</span>}
    </aside>
  );
}
