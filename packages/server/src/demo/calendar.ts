import type { Random } from './random.ts';

/** When people work. Days and hours are those of UTC, so that the demo does not depend on where it runs. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Share of a working day's jobs, from Sunday to Saturday. */
const weekdays = [0.08, 1, 1, 1, 1, 0.85, 0.12];
/** Share of a day's jobs by hour: mornings, afternoons, and what is sent off for the night. */
const hours = [
  0, 0, 0, 0, 0, 0.2, 0.8, 2, 3, 3, 2.5, 1.2, 1.8, 3, 3, 3.2, 3, 1.6, 0.6, 0.4, 0.3, 0.3, 0.1, 0,
];

/** A moment between `from` and `to` at which somebody may have submitted a job. */
export function workingMoment(from: number, to: number, random: Random): number {
  for (;;) {
    const at = Math.floor(random.between(from, to));
    const date = new Date(at);
    const likely = (weekdays[date.getUTCDay()] ?? 0) * ((hours[date.getUTCHours()] ?? 0) / 3.2);
    if (random.chance(likely)) return at;
  }
}

/** Every day between `from` and `to` at a time of day (milliseconds after midnight), on the given weekdays. */
export function dailyMoments(
  from: number,
  to: number,
  timeOfDay: number,
  isWanted: (weekday: number) => boolean = () => true,
): number[] {
  const moments: number[] = [];
  for (let day = Math.floor(from / DAY) * DAY; day <= to; day += DAY) {
    const at = day + timeOfDay;
    if (at >= from && at <= to && isWanted(new Date(at).getUTCDay())) moments.push(at);
  }
  return moments;
}
