import {
  dash,
  formatClock,
  formatDay,
  formatDuration,
  formatMoment,
  type Job,
  type Translate,
} from '@daybook/core';
import { useNow } from '../ui/use-now.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './life-bar.module.css';

/** From submission over start to end, in proportion: how long it waited, how long it ran, and how long it may still. */
export function LifeBar({ job }: { job: Job }) {
  const t = useT();
  const now = useNow(job.status === 'running' || job.status === 'queued');
  const submitted = Date.parse(job.submittedAt);
  const started = job.startedAt === null ? undefined : Date.parse(job.startedAt);
  const ended = job.endedAt === null ? undefined : Date.parse(job.endedAt);
  const estimated =
    job.status === 'running' && job.estimatedEndAt !== null ? Date.parse(job.estimatedEndAt) : undefined;
  const waited = Math.max(0, (started ?? ended ?? now) - submitted);
  const ran = started === undefined ? 0 : Math.max(0, (ended ?? now) - started);
  const left = estimated === undefined ? 0 : Math.max(0, estimated - now);
  const open = job.status === 'running' && left === 0 ? openEnd(job.progress, waited, ran) : left;
  return (
    <div className={css.life}>
      <div className={css.bar} aria-hidden="true">
        <span className={css.waited} style={{ flexGrow: waited }} />
        <span className={`${css.ran} ${css[job.status]}`} style={{ flexGrow: ran }} />
        <span className={css.left} style={{ flexGrow: open }} />
      </div>
      <ol className={css.points}>
        <Point label={t('field.submittedAt')} at={submitted} now={now} t={t} />
        {started !== undefined && (
          <Point
            label={t('field.startedAt')}
            at={started}
            now={now}
            t={t}
            note={t('job.waited', { duration: formatDuration(waited, t) })}
          />
        )}
        {started === undefined && ended === undefined && (
          <li>{job.status === 'queued' ? t('job.waits', { duration: formatDuration(waited, t) }) : dash}</li>
        )}
        {ended !== undefined && (
          <Point
            label={t('field.endedAt')}
            at={ended}
            now={now}
            t={t}
            note={started === undefined ? undefined : t('job.took', { duration: formatDuration(ran, t) })}
          />
        )}
        {ended === undefined && started !== undefined && (
          <li>
            <span className={css.note}>{t('job.runs', { duration: formatDuration(ran, t) })}</span>
          </li>
        )}
        {estimated !== undefined && left > 0 && (
          <li>{t('job.endAbout', { time: formatClock(estimated, t, timeZone) })}</li>
        )}
      </ol>
    </div>
  );
}

/** What is still to come where the past tells nothing: by what has been done of it; without that, most of the bar. */
function openEnd(percent: number, waited: number, ran: number): number {
  return percent > 0 ? (ran * (100 - percent)) / percent : 3 * (waited + ran);
}

interface PointProps {
  readonly label: string;
  readonly at: number;
  readonly now: number;
  readonly t: Translate;
  readonly note?: string;
}

function Point({ label, at, now, t, note }: PointProps) {
  const sameDay = formatDay(at, t, timeZone) === formatDay(now, t, timeZone);
  return (
    <li>
      <span className={css.label}>{label}</span>{' '}
      <time dateTime={new Date(at).toISOString()} title={formatMoment(at, t, timeZone)}>
        {sameDay
          ? formatClock(at, t, timeZone)
          : `${formatDay(at, t, timeZone)}, ${formatClock(at, t, timeZone)}`}
      </time>
      {note && <span className={css.note}> · {note}</span>}
    </li>
  );
}
