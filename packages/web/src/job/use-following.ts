import type { VirtualItem, Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { LogBuffer } from './log-buffer.ts';
import { lineHeight } from './log-lines.ts';

/** So near to an end counts as being there, px. */
const nearEnd = 24;

type Lines = Virtualizer<HTMLDivElement, Element>;

/** Keeps the view at the end while it is there, and where it is when lines come in above it. */
export function useFollowing(
  box: RefObject<HTMLDivElement | null>,
  buffer: LogBuffer,
  virtual: Lines,
  loadOlder: (() => void) | undefined,
) {
  const [follows, setFollows] = useState(true);
  const [seen, setSeen] = useState(0);
  const last = buffer.lines.at(-1)?.id ?? 0;
  const placed = useRef(buffer);
  const height = virtual.getTotalSize();
  const mark = useRef<VirtualItem>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with another height the end is elsewhere
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // Once for each: else leaving the end would move the view by what came in above it long ago.
    const isNew = placed.current !== buffer;
    placed.current = buffer;
    if (follows) element.scrollTop = element.scrollHeight;
    else if (isNew && buffer.prepended !== 0) element.scrollTop += shiftOf(mark.current, buffer, virtual);
    mark.current = virtual.getVirtualItems()[0];
  }, [box, buffer, follows, virtual, height]);

  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
    setFollows((was) => {
      if (was && !atEnd) setSeen(last);
      return atEnd;
    });
    if (element.scrollTop < 40 * lineHeight) loadOlder?.();
  }, [box, last, loadOlder]);
  const toEnd = useCallback(() => setFollows(true), []);
  const stay = useCallback(() => setFollows(false), []);
  const missed = follows
    ? 0
    : buffer.lines.length - 1 - buffer.lines.findLastIndex((line) => line.id <= seen);
  return { follows, missed, onScroll, toEnd, stay };
}

/** How far a line that was drawn before has moved, px. */
function shiftOf(mark: VirtualItem | undefined, { lines }: LogBuffer, virtual: Lines): number {
  const index = lines.findIndex((line) => line.id === mark?.key);
  const now = virtual.measurementsCache[index];
  return mark && now ? now.start - mark.start : 0;
}
