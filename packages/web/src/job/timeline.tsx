import {
  formatClock,
  formatDay,
  formatDuration,
  formatMoment,
  type Job,
  type JobEvent,
  type JobStatus,
  type Step,
} from '@daybook/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment, useRef } from 'react';
import { timelineQuery } from '../api/queries.ts';
import { actorName } from '../ui/actor-name.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useSight } from '../ui/use-sight.ts';
import { timeZone, useT } from '../words/language.tsx';
import { EventTarget } from './event-target.tsx';
import { eventText, eventTone } from './event-text.ts';
import css from './timeline.module.css';

/** A report that arrives so much later than it happened says so, ms: clocks differ a little, and that is no news. */
const noticeable = 60_000;

/** The facts of a job in words, newest first. */
export function Timeline({ job }: { job: Job }) {
  const t = useT();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery(
    timelineQuery(job.id),
  );
  const end = useRef<HTMLDivElement>(null);
  // Pages may hold hardly more than percents, which are folded: older ones follow until the screen is full.
  useSight(end, hasNextPage && !isFetching && !error, fetchNextPage);
  if (error && !data) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const events = foldProgress(data.pages.flatMap((page) => page.items));
  if (events.length === 0) return <p>{t('job.timeline.empty')}</p>;
  return (
    <>
      <ol className={css.timeline}>
        {events.map((event, index) => {
          const day = formatDay(Date.parse(event.at), t, timeZone);
          const above = events[index - 1];
          const isNewDay = !above || formatDay(Date.parse(above.at), t, timeZone) !== day;
          return (
            <Fragment key={event.id}>
              {isNewDay && <li className={css.day}>{day}</li>}
              <Entry
                event={event}
                above={isNewDay ? undefined : above}
                before={events[index + 1]}
                steps={job.steps}
              />
            </Fragment>
          );
        })}
      </ol>
      <div ref={end} aria-busy={hasNextPage} />
      {error && <ErrorNote error={error} onRetry={() => void fetchNextPage()} />}
    </>
  );
}

/** How far something was is of no interest once it went on. Newest first. */
function foldProgress(events: readonly JobEvent[]): readonly JobEvent[] {
  return events.filter((event, index) => {
    const later = events[index - 1];
    return !(later && isProgress(event) && event.kind === later.kind && event.step === later.step);
  });
}

function isProgress(event: JobEvent): boolean {
  return (
    event.kind === 'progress' ||
    (event.kind === 'step' && event.percent !== null && (event.status ?? 'running') === 'running')
  );
}

interface EntryProps {
  readonly event: JobEvent;
  /** The one that is read before it, of the same day: who did both is said there. */
  readonly above: JobEvent | undefined;
  /** The one that came before it: a delay that is as it was there is not said again. */
  readonly before: JobEvent | undefined;
  readonly steps: readonly Step[];
}

function Entry({ event, above, before, steps }: EntryProps) {
  const t = useT();
  const at = Date.parse(event.at);
  const delay = delayOf(event);
  const isLate = delay > noticeable && !(before && Math.abs(delayOf(before) - delay) < delay / 2);
  const asides = [
    event.actor && event.actor !== above?.actor && t('job.timeline.by', { actor: actorName(event.actor) }),
    isLate && t('job.timeline.late', { delay: formatDuration(delay, t) }),
    event.unapplied && t(`unapplied.${event.unapplied}`),
  ].filter(Boolean);
  return (
    <li className={css.entry} data-tone={eventTone(event)} data-unapplied={event.unapplied !== null}>
      <time dateTime={event.at} title={formatMoment(at, t, timeZone)} className={css.time}>
        {formatClock(at, t, timeZone)}
      </time>
      <p>
        <span className={css.text}>
          {event.kind === 'status' && <StatusMark status={event.status as JobStatus} progress={35} />}
          {eventText(event, t, steps)} <EventTarget event={event} />
        </span>{' '}
        <span className={css.aside}>{asides.join(' · ')}</span>
      </p>
    </li>
  );
}

function delayOf(event: JobEvent): number {
  return Date.parse(event.receivedAt) - Date.parse(event.at);
}
