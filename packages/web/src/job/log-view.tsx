import { formatCount, type JobEvent } from '@daybook/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { timeZone, useT } from '../words/language.tsx';
import { readAnsi } from './ansi.ts';
import { errorLines, isErrorLine, nextPlace } from './log-errors.ts';
import { lineHeight, rowsOf, useColumns, useWrap } from './log-lines.ts';
import css from './log-view.module.css';
import { useFollowing } from './use-following.ts';
import { type Log, useLog } from './use-log.ts';

/** What the job printed. It follows the end until one scrolls away from it, and again when asked. */
export function LogView({ jobId, active }: { jobId: number; active: boolean }) {
  const t = useT();
  const log = useLog(jobId);
  const { buffer, state, error, reload } = log;
  if (state === 'failed') return <ErrorNote error={error} onRetry={reload} />;
  if (state === 'ready' && buffer.lines.length === 0)
    return <p className={css.empty}>{t('job.log.empty')}</p>;
  return <LogText log={log} active={active} />;
}

function LogText({ log, active }: { log: Log; active: boolean }) {
  const t = useT();
  const { buffer, error, hasOlder, loadOlder } = log;
  const { lines } = buffer;
  const box = useRef<HTMLDivElement>(null);
  const [wraps, switchWrap] = useWrap();
  const columns = useColumns(box);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => lineHeight * (wraps ? rowsOf(lines[index]?.message ?? '', columns) : 1),
    overscan: 30,
    getItemKey: (index) => lines[index]?.id ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was measured holds for one width and one way to wrap
  useLayoutEffect(() => virtual.measure(), [virtual, wraps, columns]);
  const { follows, missed, onScroll, toEnd, stay } = useFollowing(
    box,
    buffer,
    virtual,
    hasOlder ? loadOlder : undefined,
  );
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
        { keys: 'w', label: t('keyboard.wrap'), run: switchWrap },
      ],
      [t, toEnd, go, switchWrap],
    ),
  );

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
        <Button look="plain" aria-pressed={wraps} onClick={switchWrap}>
          {t('job.log.wrap')}
        </Button>
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
        {/* With another width every line on the screen is measured anew. */}
        <div
          key={wraps ? columns : 'long'}
          className={css.lines}
          data-wraps={wraps || undefined}
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return line ? (
              <Line
                key={item.key}
                line={line}
                index={item.index}
                measure={wraps ? virtual.measureElement : undefined}
                top={item.start}
                found={item.index === place}
              />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

interface LineProps {
  readonly line: JobEvent;
  readonly index: number;
  /** Takes how high the line has become. */
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
  readonly top: number;
  readonly found: boolean;
}

const Line = memo(function Line({ line, index, measure, top, found }: LineProps) {
  const pieces = readAnsi(line.message ?? '');
  return (
    <div
      ref={measure}
      data-index={index}
      className={css.line}
      data-stream={line.stream}
      data-error={isErrorLine(line) || undefined}
      data-found={found || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <time className={css.time} dateTime={line.at}>
        {seconds.format(Date.parse(line.at))}
      </time>
      {line.stream === 'stderr' && <span className="visually-hidden">stderr: </span>}
      <span className={css.text}>
        {pieces.map((piece, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line never changes
          <span key={at} data-color={piece.color} data-bold={piece.bold} data-dim={piece.dim}>
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
