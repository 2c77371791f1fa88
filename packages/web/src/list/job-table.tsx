// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand and become cards cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: a table is read, not operated; the focus is on the links in it
import type { JobSummary } from '@daybook/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { narrowScreen, useMedia } from '../ui/use-media.ts';
import { useWidth } from '../ui/use-width.ts';
import { useT } from '../words/language.tsx';
import { ColumnHead } from './column-head.tsx';
import { cardColumns, columns, columnWord, gridOf, stripColumns } from './columns.ts';
import { JobRow } from './job-row.tsx';
import css from './job-table.module.css';
import { type ListSearch, searchText } from './search.ts';
import { isSelected } from './selection.ts';
import { useRowKeys } from './use-row-keys.ts';
import type { SelectionOfList } from './use-selection.ts';
import { useTableColumns } from './use-table-columns.ts';

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
/** A card as wide as a narrow screen, px. */
const stripHeight = 76;
/** A card of a grid with the gap below it, and what it takes in width at the least, px. */
const cardHeight = 152;
const cardWidth = 320;
const cardGap = 12;
/** So many rows before the end the next page is asked for. */
const early = 30;

/** The rows that are on the screen, out of however many there are. */
export function JobTable(props: JobTableProps) {
  const { search, rows, loading, hasMore, onMore, onShowNew, selection } = props;
  const t = useT();
  const narrow = useMedia(narrowScreen);
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const look = search.look ?? (narrow ? 'strips' : 'table');
  const width = useWidth(body);
  // How many stand side by side.
  const lanes = look === 'cards' ? Math.max(1, Math.floor((width + cardGap) / (cardWidth + cardGap))) : 1;
  const height = { table: rowHeight, strips: stripHeight, cards: cardHeight }[look];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another look has another head
  useLayoutEffect(() => setTop(body.current?.offsetTop ?? 0), [look]);
  const virtual = useWindowVirtualizer({
    count: Math.ceil(rows.length / lanes),
    estimateSize: () => height,
    overscan: look === 'cards' ? 4 : 15,
    scrollMargin: top,
    getItemKey: (index) => rows[index * lanes]?.id ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other heights mean that all places have changed
  useLayoutEffect(() => virtual.measure(), [height]);
  const items = virtual.getVirtualItems();
  const last = ((items.at(-1)?.index ?? 0) + 1) * lanes - 1;
  useEffect(() => {
    if (hasMore && rows.length > 0 && last >= rows.length - early) onMore();
  }, [hasMore, last, rows.length, onMore]);

  const scrollTo = useCallback(
    (index: number) => virtual.scrollToIndex(Math.floor(index / lanes), { align: 'auto' }),
    [virtual, lanes],
  );
  const currentId = useRowKeys({ rows, body, scrollTo, onShowNew, onSelect: selection?.onSelect });
  const list = searchText(search);
  const table = useTableColumns(search).shown;
  const shown = { table, strips: stripColumns, cards: cardColumns }[look];
  const unseen =
    look === 'strips' ? (search.columns ?? []).filter((name) => !stripColumns.includes(name)) : [];
  const head = useRef<HTMLDivElement>(null);

  return (
    <>
      {unseen.length > 0 && (
        <p className={css.unseen}>
          {t('list.columns.noRoom', { columns: unseen.map((name) => t(columnWord(name))).join(', ') })}
        </p>
      )}
      <div
        role="table"
        aria-label={t('jobs.title')}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-busy={loading}
        className={selection && css.selectable}
        data-look={look}
        style={{ '--columns': gridOf(shown), '--lanes': lanes } as CSSProperties}
      >
        <div role="rowgroup" ref={head} className={css.head} onScroll={() => follow(head, body)}>
          <div role="row" aria-rowindex={1} className={css.row}>
            {selection && (
              <span role="columnheader">
                <span className="visually-hidden">{t('bulk.selected')}</span>
              </span>
            )}
            <ColumnHead search={search} label={t('field.id')} sorts={undefined} />
            <ColumnHead search={search} label={t('field.name')} sorts={['name', '-name']} />
            {shown.map((name) => (
              <ColumnHead
                key={name}
                search={search}
                label={t(columnWord(name))}
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
          onScroll={() => follow(body, head)}
          style={{ height: loading ? height * (look === 'cards' ? 6 : 25) : virtual.getTotalSize() }}
        >
          {items.flatMap((item) =>
            rows
              .slice(item.index * lanes, (item.index + 1) * lanes)
              .map((row, lane) => (
                <JobRow
                  key={row.id}
                  row={row}
                  index={item.index * lanes + lane}
                  top={item.start - top}
                  lane={lane}
                  current={row.id === currentId}
                  list={list}
                  columns={shown}
                  card={look === 'cards' ? search : undefined}
                  selected={selection && isSelected(selection.selection, row.id)}
                  onSelect={selection?.onSelect ?? ignore}
                />
              )),
          )}
        </div>
        <p className={css.foot}>{!hasMore && rows.length > 50 ? t('jobs.end') : ''}</p>
      </div>
    </>
  );
}

/** Heads and rows scroll sideways as one; they are two boxes because the heads stay in sight (see job-table.module.css). */
function follow(from: RefObject<HTMLElement | null>, to: RefObject<HTMLElement | null>): void {
  if (from.current && to.current) to.current.scrollLeft = from.current.scrollLeft;
}

function ignore(): void {}
