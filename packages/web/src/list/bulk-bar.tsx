import { type BulkAction, comparisonLimits, formatCount, type JobSummary } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { JobPage } from '../api/wire.ts';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import css from './bulk-bar.module.css';
import { BulkDialog } from './bulk-dialog.tsx';
import { offeredActions } from './bulk-text.ts';
import { JudgeDialog } from './judge-dialog.tsx';
import { askedFilter, isFiltered, type ListSearch } from './search.ts';
import { isEmpty, nothingSelected } from './selection.ts';
import type { SelectionOfList } from './use-selection.ts';

interface BulkBarProps extends SelectionOfList {
  readonly search: ListSearch;
  /** The first page of the list, which knows how many there are. */
  readonly first: JobPage | undefined;
  readonly rows: readonly JobSummary[];
}

/** What can be done with the selected jobs. It lies over the end of the list, so that nothing moves when it comes. */
export function BulkBar({ search, first, rows, selection, set }: BulkBarProps) {
  const t = useT();
  const [action, setAction] = useState<BulkAction>();
  const [judges, setJudges] = useState(false);
  const mayJudge = useMay('jobs.annotate');
  const nothing = isEmpty(selection);
  useShortcuts(
    useMemo(
      (): Shortcut[] =>
        nothing || !mayJudge ? [] : [{ keys: 'e', label: t('keyboard.edit'), run: () => setJudges(true) }],
      [t, nothing, mayJudge],
    ),
  );
  if (isEmpty(selection)) return null;
  const total = first?.total ?? rows.length;
  const all = formatCount(total, t, { atLeast: first?.totalIsExact === false });
  const chosen = selection.all
    ? { filter: filterOf(search) }
    : { ids: [...selection.ids].sort((a, b) => a - b) };
  return (
    <section className={css.bar} aria-label={t('bulk.selected')}>
      <p className={css.count} role="status">
        {selection.all
          ? t('bulk.allSelected', { count: total, total: all })
          : t('bulk.count', { count: selection.ids.size })}
      </p>
      {/* The API refuses to act on everything there is. */}
      {!selection.all && isFiltered(search) && total > selection.ids.size && (
        <Button look="plain" className={css.all} onClick={() => set({ all: true })}>
          {t('bulk.selectAll', { total: all })}
        </Button>
      )}
      <div className={css.verbs}>
        {mayJudge && <Button onClick={() => setJudges(true)}>{t('bulk.judge')}</Button>}
        {!selection.all && selection.ids.size >= 2 && selection.ids.size <= comparisonLimits.jobs && (
          <Link to="/compare" search={{ ids: [...selection.ids] }} className={css.compare}>
            {t('compare.selected')}
          </Link>
        )}
        {offeredActions.map((each) => (
          <Button key={each} onClick={() => setAction(each)}>
            {t(`bulk.${each}`)}
          </Button>
        ))}
        <Button look="plain" aria-label={t('bulk.clear')} onClick={() => set(nothingSelected)}>
          ×
        </Button>
      </div>
      {judges && (
        <JudgeDialog
          chosen={chosen}
          count={selection.all ? total : selection.ids.size}
          onClose={(done) => {
            setJudges(false);
            if (done) set(nothingSelected);
          }}
        />
      )}
      {action && (
        <BulkDialog
          action={action}
          chosen={chosen}
          onClose={(done) => {
            setAction(undefined);
            if (done) set(nothingSelected);
          }}
        />
      )}
    </section>
  );
}

/** The filters of a list as the API takes them; the order does not matter here. */
function filterOf(search: ListSearch): Record<string, string> {
  return askedFilter(search);
}
