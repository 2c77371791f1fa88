import { type BulkAction, comparisonLimits, formatCount, type JobSummary } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { JobPage } from '../api/wire.ts';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import css from './bulk-bar.module.css';
import { BulkDialog } from './bulk-dialog.tsx';
import { offeredActions } from './bulk-text.ts';
import { type Chosen, JudgeDialog } from './judge-dialog.tsx';
import { askedFilter, isFiltered, type ListSearch } from './search.ts';
import { isEmpty, nothingSelected } from './selection.ts';
import type { SelectionOfList } from './use-selection.ts';

interface BulkBarProps extends SelectionOfList {
  readonly search: ListSearch;
  /** The first page of the list, which knows how many there are. */
  readonly first: JobPage | undefined;
  readonly rows: readonly JobSummary[];
}

/** A dialog, and what was chosen when it opened: it outlives the selection, to tell what was done and undo it. */
interface Opened {
  readonly action: BulkAction | 'judge';
  readonly chosen: Chosen;
  readonly count: number;
}

/** What can be done with the selected jobs. It lies over the end of the list, so that nothing moves when it comes. */
export function BulkBar({ search, first, rows, selection, set }: BulkBarProps) {
  const t = useT();
  const [opened, setOpened] = useState<Opened>();
  const mayJudge = useMay('jobs.annotate');
  // Of a list that has become empty, everything is nothing.
  const nothing = isEmpty(selection) || (selection.all && rows.length === 0);
  const total = first?.total ?? rows.length;
  const open = (action: Opened['action']) =>
    setOpened({
      action,
      chosen: selection.all
        ? { filter: askedFilter(search) }
        : { ids: [...selection.ids].sort((a, b) => a - b) },
      count: selection.all ? total : selection.ids.size,
    });
  const judge = useRef(open);
  judge.current = open;
  useShortcuts(
    useMemo(
      (): Shortcut[] =>
        nothing || !mayJudge
          ? []
          : [{ keys: 'e', label: t('keyboard.edit'), run: () => judge.current('judge') }],
      [t, nothing, mayJudge],
    ),
  );
  const all = formatCount(total, t, { atLeast: first?.totalIsExact === false });
  const onDone = () => set(nothingSelected);
  const onClose = () => setOpened(undefined);
  return (
    <>
      {!nothing && (
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
            {mayJudge && <Button onClick={() => open('judge')}>{t('bulk.judge')}</Button>}
            {!selection.all && selection.ids.size >= 2 && selection.ids.size <= comparisonLimits.jobs && (
              <Link to="/compare" search={{ ids: [...selection.ids] }} className={css.compare}>
                {t('compare.selected')}
              </Link>
            )}
            {offeredActions.map((each) => (
              <Button key={each} onClick={() => open(each)}>
                {t(`bulk.${each}`)}
              </Button>
            ))}
          </div>
          <Button
            look="plain"
            className={css.clear}
            aria-label={t('bulk.clear')}
            onClick={() => set(nothingSelected)}
          >
            ×
          </Button>
        </section>
      )}
      {opened &&
        (opened.action === 'judge' ? (
          <JudgeDialog chosen={opened.chosen} count={opened.count} onDone={onDone} onClose={onClose} />
        ) : (
          <BulkDialog action={opened.action} chosen={opened.chosen} onDone={onDone} onClose={onClose} />
        ))}
    </>
  );
}
