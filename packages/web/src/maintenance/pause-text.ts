import { formatClock, formatDay, type MaintenanceEntry, type Translate } from '@daybook/core';
import { actorName } from '../ui/actor-name.ts';

/** What of a pause people read. */
type Pause = Pick<MaintenanceEntry, 'by' | 'reason' | 'startsAt' | 'endsAt' | 'configurations'>;

/** More names than these are counted. */
const namedConfigurations = 3;

/** A moment as somebody says it who knows what day it is: the time alone today, with the day on any other. */
export function momentText(at: string, now: number, t: Translate, timeZone: string): string {
  const ms = Date.parse(at);
  const clock = formatClock(ms, t, timeZone);
  const day = formatDay(ms, t, timeZone);
  return day === formatDay(now, t, timeZone) ? clock : `${day}, ${clock}`;
}

/** What is paused: "The queue", or the configurations by their tags. */
export function pausedWhat({ configurations }: Pick<Pause, 'configurations'>, t: Translate): string {
  if (configurations === null) return t('pause.queue');
  const named = configurations.slice(0, namedConfigurations);
  const others = configurations.length - named.length;
  return new Intl.ListFormat(t.locale).format([
    ...named,
    ...(others > 0 ? [t('list.showMore', { count: others })] : []),
  ]);
}

/** A pause that counts now, as a sentence: what, who, until when, why. */
export function currentText(pause: Pause, now: number, t: Translate, timeZone: string): string {
  const said = saidOf(pause, t);
  return pause.endsAt === null
    ? t('pause.current', said)
    : t('pause.current.until', { ...said, until: momentText(pause.endsAt, now, t, timeZone) });
}

/** A pause to come, as a sentence. */
export function plannedText(pause: Pause, now: number, t: Translate, timeZone: string): string {
  const said = { ...saidOf(pause, t), from: momentText(pause.startsAt, now, t, timeZone) };
  return pause.endsAt === null
    ? t('pause.planned', said)
    : t('pause.planned.until', { ...said, until: untilText(pause, pause.endsAt, now, t, timeZone) });
}

/** The end of a pause that begins on the same day needs no day of its own. */
function untilText(pause: Pause, endsAt: string, now: number, t: Translate, timeZone: string): string {
  const day = (at: string) => formatDay(Date.parse(at), t, timeZone);
  return day(endsAt) === day(pause.startsAt)
    ? formatClock(Date.parse(endsAt), t, timeZone)
    : momentText(endsAt, now, t, timeZone);
}

function saidOf(pause: Pause, t: Translate) {
  return {
    count: pause.configurations?.length ?? 1,
    what: pausedWhat(pause, t),
    who: actorName(pause.by),
    reason: pause.reason,
  };
}

/** A pause in a few words, for the greeting: "queue paused until 14:00". */
export function pauseClause(pause: Pause, now: number, t: Translate, timeZone: string): string {
  const paused = t(pause.configurations === null ? 'pause.greeting' : 'pause.greeting.some');
  return pause.endsAt === null
    ? paused
    : t('pause.greeting.until', { paused, until: momentText(pause.endsAt, now, t, timeZone) });
}
