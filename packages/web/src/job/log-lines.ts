import { type RefObject, useCallback, useState } from 'react';
import { storedText } from '../ui/stored-text.ts';
import { useWidth } from '../ui/use-width.ts';

/** Of one row of text, px (log-view.module.css). */
export const lineHeight = 18;

/** What stands beside the text: the border and the room at both ends, px. */
const beside = 18;
/** Room for the time of a line, in characters, where it is shown. */
const timeColumns = 9.5;

const kept = storedText('daybook.log.wrap');

/** Whether long lines go on below (as they do until somebody wants otherwise) or beyond the edge; this browser remembers. */
export function useWrap(): readonly [wraps: boolean, switchWrap: () => void] {
  const [wraps, setWraps] = useState(() => kept.get() !== 'off');
  const switchWrap = useCallback(() => {
    kept.set(wraps ? 'off' : null);
    setWraps(!wraps);
  }, [wraps]);
  return [wraps, switchWrap];
}

/** How many characters of the monospaced font stand in a row of the log; 0 until it is drawn. */
export function useColumns(box: RefObject<HTMLElement | null>): number {
  const width = useWidth(box);
  const { current } = box;
  if (width === 0 || current === null) return 0;
  const pen = document.createElement('canvas').getContext('2d');
  if (pen === null) return 0;
  pen.font = getComputedStyle(current).font;
  const columns = (width - beside) / pen.measureText('0').width;
  return Math.max(1, Math.floor(hasTimes() ? columns - timeColumns : columns));
}

function hasTimes(): boolean {
  return !matchMedia('(max-width: 820px)').matches;
}

/** How many rows a line takes, as long as it holds nothing but characters of one width: what is drawn is measured. */
export function rowsOf(text: string, columns: number): number {
  return columns === 0 ? 1 : Math.max(1, Math.ceil(text.length / columns));
}
