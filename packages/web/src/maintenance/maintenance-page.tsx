import { formatMoment, type MaintenanceEntry, type Translate } from '@daybook/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { call } from '../api/client.ts';
import { maintenanceHistoryQuery, maintenanceQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { RoomLinks } from '../shell/room-links.tsx';
import { useMay } from '../shell/session.ts';
import { actorName } from '../ui/actor-name.ts';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { More } from '../ui/more.tsx';
import { Ago } from '../ui/time.tsx';
import { announce } from '../ui/toast.tsx';
import { useNow } from '../ui/use-now.ts';
import { useTableKeys } from '../ui/use-table-keys.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './maintenance.module.css';
import { PauseDialog } from './pause-dialog.tsx';
import { PauseSwitch } from './pause-switch.tsx';
import { currentText, momentText } from './pause-text.ts';

/** What is paused, what is planned, and all that was said of it. */
export function MaintenancePage() {
  const t = useT();
  useTableKeys();
  const mayManage = useMay('maintenance.manage');
  const [planning, setPlanning] = useState(false);
  const { data, error, refetch } = useQuery(maintenanceQuery);
  return (
    <Page
      wide
      title={t('nav.maintenance')}
      actions={
        <div className={css.actions}>
          {mayManage && <Button onClick={() => setPlanning(true)}>{t('pause.plan')}</Button>}
          <PauseSwitch status={data} />
        </div>
      }
    >
      <RoomLinks />
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      <section className={css.section}>
        <h2>{t('maintenance.now')}</h2>
        {data?.all.length === 0 && <p>{t('pause.open')}</p>}
        {data?.all.map((pause) => (
          <CurrentPause key={pause.id} pause={pause} />
        ))}
        {data?.paused && <p className={css.quiet}>{t('pause.goesOn')}</p>}
      </section>
      <section className={css.section}>
        <h2>{t('maintenance.planned')}</h2>
        {data?.scheduled.length === 0 && <p className={css.quiet}>{t('maintenance.planned.none')}</p>}
        {data && data.scheduled.length > 0 && <Planned pauses={data.scheduled} mayCancel={mayManage} />}
      </section>
      <History />
      {planning && <PauseDialog plan onClose={() => setPlanning(false)} />}
    </Page>
  );
}

function CurrentPause({ pause }: { pause: MaintenanceEntry }) {
  const t = useT();
  const now = useNow();
  return <p>{currentText(pause, now, t, timeZone)}</p>;
}

function Planned({ pauses, mayCancel }: { pauses: readonly MaintenanceEntry[]; mayCancel: boolean }) {
  const t = useT();
  const now = useNow();
  const [asked, setAsked] = useState<MaintenanceEntry>();
  const columns: Column<MaintenanceEntry>[] = [
    { key: 'from', head: t('pause.from'), cell: (each) => momentText(each.startsAt, now, t, timeZone) },
    { key: 'until', head: t('pause.until'), cell: (each) => <Until pause={each} /> },
    { key: 'what', head: t('maintenance.what'), cell: (each) => <What entry={each} /> },
    { key: 'reason', head: t('pause.reason'), look: 'wide', cell: (each) => each.reason },
    { key: 'by', head: t('maintenance.by'), cell: (each) => actorName(each.by) },
    {
      key: 'cancel',
      head: t('maintenance.cancel'),
      look: 'verbs',
      cell: (each) =>
        mayCancel && (
          <Button
            look="plain"
            onClick={() => setAsked(each)}
            aria-label={`${t('maintenance.cancel')}: ${each.reason}`}
          >
            {t('maintenance.cancel')}
          </Button>
        ),
    },
  ];
  return (
    <>
      <DataTable label={t('maintenance.planned')} columns={columns} rows={pauses} keyOf={(each) => each.id} />
      {asked && <CancelPause pause={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function Until({ pause }: { pause: MaintenanceEntry }) {
  const t = useT();
  const now = useNow();
  return pause.endsAt === null ? t('pause.untilResumed') : momentText(pause.endsAt, now, t, timeZone);
}

function What({ entry }: { entry: MaintenanceEntry }) {
  const t = useT();
  return entry.configurations === null ? t('pause.everything') : entry.configurations.join(', ');
}

function CancelPause({ pause, onClose }: { pause: MaintenanceEntry; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => call(`/maintenance/${pause.id}`, { method: 'DELETE' }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['maintenance'] });
      announce(t('maintenance.cancel.done'));
      onClose();
    },
  });
  return (
    <Dialog title={t('maintenance.cancel.title')} onClose={onClose}>
      <p>
        {formatMoment(Date.parse(pause.startsAt), t, timeZone)}: {pause.reason}
      </p>
      {cancel.error && <ErrorNote error={cancel.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look="risky" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          {t('maintenance.cancel')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function History() {
  const t = useT();
  const history = useInfiniteQuery(maintenanceHistoryQuery);
  const pages = history.data?.pages;
  // What is planned stands above.
  const rows = useMemo(
    () => pages?.flatMap((page) => page.items).filter((each) => each.state !== 'scheduled') ?? [],
    [pages],
  );
  const columns: Column<MaintenanceEntry>[] = [
    { key: 'at', head: t('maintenance.at'), cell: (each) => <Ago at={each.startsAt} /> },
    { key: 'state', head: t('field.status'), cell: (each) => <State entry={each} /> },
    { key: 'what', head: t('maintenance.what'), cell: (each) => each.paused && <What entry={each} /> },
    { key: 'reason', head: t('pause.reason'), look: 'wide', cell: (each) => reasonOf(each, t) },
    { key: 'by', head: t('maintenance.by'), cell: (each) => actorName(each.by) },
    { key: 'ended', head: t('maintenance.ended'), cell: (each) => each.paused && <End entry={each} /> },
  ];
  return (
    <section className={css.section}>
      <h2>{t('maintenance.history')}</h2>
      {history.error && <ErrorNote error={history.error} onRetry={() => void history.refetch()} />}
      {rows.length > 0 && (
        <DataTable
          label={t('maintenance.history')}
          columns={columns}
          rows={rows}
          keyOf={(each) => each.id}
          isOver={(each) => each.state === 'over' || each.state === 'canceled'}
        />
      )}
      <More query={history} />
    </section>
  );
}

function State({ entry }: { entry: MaintenanceEntry }) {
  const t = useT();
  return entry.state === null ? t('maintenance.resumed') : t(`maintenance.state.${entry.state}`);
}

/** When it ended and by whom, or when it will by itself. */
function End({ entry }: { entry: MaintenanceEntry }) {
  const t = useT();
  const now = useNow();
  const { endedAt, endedBy, endsAt } = entry;
  if (endedAt !== null) {
    const when = momentText(endedAt, now, t, timeZone);
    return t('maintenance.ended.by', { when, who: actorName(endedBy ?? '') });
  }
  if (endsAt === null) return t('pause.untilResumed');
  const when = momentText(endsAt, now, t, timeZone);
  return entry.state === 'current' ? t('maintenance.until', { when }) : when;
}

/** The first entry is Daybook's own, written when nobody's language was known. */
function reasonOf({ by, reason }: MaintenanceEntry, t: Translate): string {
  return by === 'daybook' && reason === 'Daybook was set up' ? t('maintenance.setUp') : reason;
}
