import { formatDuration, type Translate } from '@daybook/core';

/** How far off an estimate was, in seconds: rounded up to what a person would say, "40 s", "3 min", "25 min", "2 h". */
export function errorText(seconds: number, t: Translate): string {
  const grain = seconds < 60 ? 10 : seconds < 1_200 ? 60 : seconds < 5_400 ? 300 : 3_600;
  return formatDuration(Math.max(1, Math.ceil(seconds / grain)) * grain * 1_000, t, 'plain');
}
