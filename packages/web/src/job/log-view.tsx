import { formatCount, type JobEvent } from '@daybook/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { timeZone, useT } from '../words/language.tsx';
import { readAnsi } from './ansi.ts';
import type { LogBuffer } from './log-buffer.ts';
import { errorLines, nextPlace } from './log-errors.ts';
import css from './log-view.module.css';
import { useLog } from './use-log.ts';

/** Fixed, so that no line is ever measured (see log-view.module.css). */
const lineHeight = 18;
/** So near to an end counts as being there, px. */
const nearEnd = 24;

/** What the job printed. It follows the end until one scrolls away from it, and again when asked. */
export function LogView({ jobId, active }: { jobId: number; active: boolean }) {
  const t = useT();
  const { buffer, state, error, hasOlder, loadOlder, reload } = useLog(jobId);
  const box = useRef<HTMLDivElement>(null);
  const { follows, missed, onScroll, toEnd, stay } = useFollowing(
    box,
    buffer,
    hasOlder ? loadOlder : undefined,
  );
  const { lines } = buffer;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 30,
    getItemKey: (index) => lines[index]?.id ?? index,
  });
  const older = hasOlder && error === undefined ? loadOlder : undefined;
  const { errors, place, go, seeking } = useErrors(lines, older, (index) => {
    stay();
    virtual.scrollToIndex(index, { align: 'center' });
  });
  useShortcuts(
    useMemo(
      (): Shortcut[] => [
        { keys: 'f', label: t('keyboard.follow'), run: toEnd },
        { keys: 'n', label: t('keyboard.nextError'), run: () => go(1) },
        { keys: 'p', label: t('keyboard.previousError'), run: () => go(-1) },
      ],
      [t, toEnd, go],
    ),
  );

  if (state === 'failed') return <ErrorNote error={error} onRetry={reload} />;
  if (state === 'ready' && lines.length === 0) return <p className={css.empty}>{t('job.log.empty')}</p>;
  return (
    <div className={css.log}>
      <div className={css.bar}>
        <p className={css.count}>
          {lines.length > 0 &&
            t('job.log.lines', {
              count: lines.length,
              total: formatCount(lines.length, t, { atLeast: hasOlder }),
            })}
        </p>
        <span role="status" className={css.state}>
          {seeking
            ? t('job.log.seeking')
            : active && follows
              ? t('job.log.following')
              : missed > 0
                ? t('job.log.newLines', { count: missed })
                : ''}
        </span>
        {errors === 0 && older !== undefined && (
          <Button look="plain" disabled={seeking} onClick={() => go(-1)}>
            {t('job.log.seek')}
          </Button>
        )}
        {errors > 0 && (
          <span className={css.errors}>
            <Button look="plain" aria-label={t('job.log.previousError')} onClick={() => go(-1)}>
              ‹
            </Button>
            {t('job.log.errors', { count: errors })}
            <Button look="plain" aria-label={t('job.log.nextError')} onClick={() => go(1)}>
              ›
            </Button>
          </span>
        )}
        <Button look="plain" onClick={toEnd} disabled={follows}>
          {t('job.log.bottom')}
        </Button>
        <CopyButton text={() => lines.map((line) => line.message ?? '').join('\n')} />
      </div>
      <div
        ref={box}
        className={css.box}
        onScroll={onScroll}
        // What scrolls must be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('job.tab.log')}
      >
        <div className={css.lines} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return line ? (
              <Line key={item.key} line={line} top={item.start} found={item.index === place} />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

const Line = memo(function Line({ line, top, found }: { line: JobEvent; top: number; found: boolean }) {
  const pieces = readAnsi(line.message ?? '');
  return (
    <div
      className={css.line}
      data-stream={line.stream}
      data-found={found || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <time className={css.time} dateTime={line.at}>
        {seconds.format(Date.parse(line.at))}
      </time>
      {line.stream === 'stderr' && <span className="visually-hidden">stderr: </span>}
      <span>
        {pieces.map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line never changes
          <span key={index} data-color={piece.color} data-bold={piece.bold} data-dim={piece.dim}>
            {piece.text}
          </span>
        ))}
      </span>
    </div>
  );
});

const seconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone });

/**
 * Goes from one error to the next; which one it is at stays when others come before it. Before the first of those that are
 * loaded it reads on into the past, until there is one.
 */
function useErrors(
  lines: readonly JobEvent[],
  loadOlder: (() => void) | undefined,
  show: (index: number) => void,
) {
  const places = useMemo(() => errorLines(lines), [lines]);
  const [at, setAt] = useState<number>();
  const [seeking, setSeeking] = useState(false);
  const place = at === undefined ? undefined : lines.findIndex((line) => line.id === at);
  const latest = useRef({ places, place, lines, loadOlder, show });
  latest.current = { places, place, lines, loadOlder, show };
  const open = useCallback((index: number | undefined) => {
    setSeeking(false);
    if (index === undefined) return;
    setAt(latest.current.lines[index]?.id);
    latest.current.show(index);
  }, []);
  const go = useCallback(
    (step: 1 | -1) => {
      const now = latest.current;
      const isFirst = now.places.length === 0 || now.place === now.places[0];
      if (step === -1 && isFirst && now.loadOlder) setSeeking(true);
      else open(nextPlace(now.places, now.place, step));
    },
    [open],
  );
  useEffect(() => {
    if (!seeking) return;
    const isThere = places.length > 0 && places[0] !== place;
    if (!isThere && loadOlder) loadOlder();
    else open(nextPlace(places, place, -1));
  }, [seeking, places, place, loadOlder, open]);
  return { errors: places.length, place, go, seeking };
}

/** Keeps the view at the end while it is there, and where it is when lines come in above it. */
function useFollowing(
  box: React.RefObject<HTMLDivElement | null>,
  buffer: LogBuffer,
  loadOlder: (() => void) | undefined,
) {
  const [follows, setFollows] = useState(true);
  const [seen, setSeen] = useState(0);
  const last = buffer.lines.at(-1)?.id ?? 0;
  const placed = useRef(buffer);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // Once for each: else leaving the end would move the view by what came in above it long ago.
    const isNew = placed.current !== buffer;
    placed.current = buffer;
    if (follows) element.scrollTop = element.scrollHeight;
    else if (isNew && buffer.prepended !== 0) element.scrollTop += buffer.prepended * lineHeight;
  }, [box, buffer, follows]);

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
