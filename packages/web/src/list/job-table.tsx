// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand and become cards cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: a table is read, not operated; the focus is on the links in it
import type { JobSummary } from '@daybook/core';
import { useNavigate } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { narrowScreen, useMedia } from '../ui/use-media.ts';
import { useT } from '../words/language.tsx';
import { ColumnHead } from './column-head.tsx';
import { type ColumnName, columns, usualColumns } from './columns.ts';
import { JobRow } from './job-row.tsx';
import css from './job-table.module.css';
import { type ListSearch, searchText } from './search.ts';
import { isSelected } from './selection.ts';
import type { SelectionOfList } from './use-selection.ts';

interface JobTableProps {
  readonly search: ListSearch;
  readonly rows: readonly JobSummary[];
  readonly loading: boolean;
  readonly hasMore: boolean;
  readonly onMore: () => void;
  readonly onShowNew: (() => void) | undefined;
  /** Undefined for who may do nothing with one. */
  readonly selection: SelectionOfList | undefined;
}

/** Heights are fixed, so that a list of a million rows needs to measure none of them (see job-table.module.css). */
const rowHeight = 28;
const cardHeight = 76;
/** So many rows before the end the next page is asked for. */
const early = 30;

/** The rows that are on the screen, out of however many there are. */
export function JobTable(props: JobTableProps) {
  const { search, rows, loading, hasMore, onMore, onShowNew, selection } = props;
  const t = useT();
  const narrow = useMedia(narrowScreen);
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(body.current?.offsetTop ?? 0), []);
  const height = narrow ? cardHeight : rowHeight;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 15,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other heights mean that all places have changed
  useLayoutEffect(() => virtual.measure(), [height]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && rows.length > 0 && last >= rows.length - early) onMore();
  }, [hasMore, last, rows.length, onMore]);

  const scrollTo = useCallback((index: number) => virtual.scrollToIndex(index, { align: 'auto' }), [virtual]);
  const currentId = useRowKeys(rows, body, scrollTo, onShowNew, selection?.onSelect);
  const list = searchText(search);
  const shown = search.columns ?? usualColumns;
  const chosen = search.columns === undefined ? undefined : gridOf(search.columns);

  return (
    <div
      role="table"
      aria-label={t('jobs.title')}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-busy={loading}
      className={selection && css.selectable}
      data-chosen={chosen !== undefined}
      style={chosen === undefined ? undefined : ({ '--columns': chosen } as CSSProperties)}
    >
      <div role="rowgroup" className={css.head}>
        <div role="row" aria-rowindex={1} className={css.row}>
          {selection && (
            <span role="columnheader">
              <span className="visually-hidden">{t('bulk.selected')}</span>
            </span>
          )}
          <ColumnHead search={search} label={t('field.id')} sorts={['-id', 'id']} />
          <ColumnHead search={search} label={t('field.name')} sorts={['name', '-name']} />
          {shown.map((name) => (
            <ColumnHead
              key={name}
              search={search}
              label={t(name === 'note' ? 'field.info' : `field.${name}`)}
              column={name}
              sorts={columns[name].sorts}
            />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        ref={body}
        className={css.body}
        style={{ height: loading ? height * 25 : virtual.getTotalSize() }}
      >
        {items.map((item) => {
          const row = rows[item.index];
          return row ? (
            <JobRow
              key={item.key}
              row={row}
              index={item.index}
              top={item.start - top}
              current={row.id === currentId}
              list={list}
              columns={shown}
              selected={selection && isSelected(selection.selection, row.id)}
              onSelect={selection?.onSelect ?? ignore}
            />
          ) : null;
        })}
      </div>
      <p className={css.foot}>{!hasMore && rows.length > 50 ? t('jobs.end') : ''}</p>
    </div>
  );
}

/** The columns of the grid, where they are not the usual ones. */
function gridOf(names: readonly ColumnName[]): string {
  return names.map((name) => columns[name].width).join(' ');
}

function ignore(): void {}

/** `j` and `k` move through the list by moving the focus, so that Enter, the browser and a screen reader all follow. */
function useRowKeys(
  rows: readonly JobSummary[],
  body: React.RefObject<HTMLDivElement | null>,
  scrollTo: (index: number) => void,
  onShowNew: (() => void) | undefined,
  onSelect: ((id: number, range: boolean) => void) | undefined,
): number | undefined {
  const t = useT();
  const navigate = useNavigate();
  const [currentId, setCurrentId] = useState<number>();
  const current = useRef<number>(undefined);
  const shortcuts = useMemo((): Shortcut[] => {
    const move = (step: number) => {
      const at = rows.findIndex((row) => row.id === current.current);
      const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
      const row = rows[next];
      if (!row) return;
      current.current = row.id;
      setCurrentId(row.id);
      scrollTo(next);
      focusRow(body, row.id);
    };
    const open = () => {
      const row = rows.find((each) => each.id === current.current);
      if (row) body.current?.querySelector<HTMLElement>(`[data-job="${row.id}"] a`)?.click();
    };
    const choose = (range: boolean) => current.current !== undefined && onSelect?.(current.current, range);
    const choosing = [
      { keys: 'x', label: t('keyboard.select'), run: () => choose(false) },
      { keys: 'X', label: t('bulk.selectTo'), run: () => choose(true) },
    ];
    return [
      ...(onSelect ? choosing : []),
      { keys: 'j', label: t('keyboard.next'), run: () => move(1) },
      { keys: 'k', label: t('keyboard.previous'), run: () => move(-1) },
      { keys: 'Enter', label: t('keyboard.open'), run: open },
      { keys: 'n', label: t('keyboard.refresh'), run: () => onShowNew?.() },
      { keys: 'u', label: t('jobs.filter.clear'), run: () => void navigate({ to: '/' }) },
    ];
  }, [t, rows, body, scrollTo, onShowNew, onSelect, navigate]);
  useShortcuts(shortcuts);
  return currentId;
}

/** The row may come into being only with the next frame, when the list has scrolled. */
function focusRow(body: React.RefObject<HTMLDivElement | null>, id: number, tries = 5): void {
  const link = body.current?.querySelector<HTMLElement>(`[data-job="${id}"] a`);
  if (link) link.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusRow(body, id, tries - 1));
}
