// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand and become cards cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: a table is read, not operated; the focus is on the links in it
import type { JobSummary } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useLiveRow } from '../live/live-rows.ts';
import { useT } from '../words/language.tsx';
import type { ColumnName } from './columns.ts';
import { CardCell, JobCell } from './job-cell.tsx';
import css from './job-table.module.css';
import type { ListSearch } from './search.ts';

interface JobRowProps {
  readonly row: JobSummary;
  readonly index: number;
  /** Distance from the top of the list, px. */
  readonly top: number;
  /** Its place from the left, where several stand side by side. */
  readonly lane: number;
  readonly current: boolean;
  /** The list that it stands in, for the way back. */
  readonly list: string;
  readonly columns: readonly ColumnName[];
  /** Of a card of a grid: the list that it narrows. */
  readonly card: ListSearch | undefined;
  /** Undefined where nothing can be done with a selection. */
  readonly selected: boolean | undefined;
  readonly onSelect: (id: number, range: boolean) => void;
}

/** One job in the list. What the stream says of it is drawn here and nowhere else. */
export const JobRow = memo(function JobRow(props: JobRowProps) {
  const { row, index, top, lane, current, list, columns, card, selected, onSelect } = props;
  const job = useLiveRow(row);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={css.row}
      data-job={job.id}
      data-current={current}
      data-selected={selected}
      style={{ transform: `translate(calc(${lane} * (100% + var(--gutter, 0px))), ${top}px)` }}
    >
      {selected !== undefined && (
        <span role="cell" className={css.select}>
          <SelectBox job={job} selected={selected} onSelect={onSelect} />
        </span>
      )}
      <span role="cell" className={css.id} title={job.externalId === null ? undefined : `#${job.id}`}>
        {job.externalId ?? job.id}
      </span>
      <span role="cell" className={css.name}>
        <Link to="/jobs/$id" params={{ id: String(job.id) }} state={{ list }} title={job.name}>
          {job.name}
        </Link>
        {job.operation && <span className={css.operation}>{job.operation}</span>}
        {job.tags.length > 0 && !columns.includes('tags') && (
          <span className={css.stub}>{job.tags.join(' ')}</span>
        )}
      </span>
      {columns.map((name) =>
        card === undefined ? (
          <JobCell key={name} name={name} job={job} />
        ) : (
          <CardCell key={name} name={name} job={job} search={card} />
        ),
      )}
    </div>
  );
});

type SelectBoxProps = Pick<JobRowProps, 'onSelect'> & { job: JobSummary; selected: boolean };

function SelectBox({ job, selected, onSelect }: SelectBoxProps) {
  const t = useT();
  const id = job.externalId ?? job.id;
  return (
    // Around it, so that the whole cell takes the click.
    <label>
      <input
        type="checkbox"
        aria-label={t('bulk.select', { id })}
        checked={selected}
        // What ticks a box is a click, also by keyboard.
        onChange={(event) => onSelect(job.id, (event.nativeEvent as MouseEvent).shiftKey)}
      />
    </label>
  );
}
