import { formatDuration, type JobSummary, type Target } from '@daybook/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useMemo, useState } from 'react';
import { call } from '../api/client.ts';
import { targetJobsQuery, targetQuery } from '../api/queries.ts';
import { JobStatusWord } from '../list/job-status.tsx';
import { useLiveRow } from '../live/live-rows.ts';
import { Page } from '../shell/page.tsx';
import { RoomLinks } from '../shell/room-links.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { More } from '../ui/more.tsx';
import part from '../ui/section.module.css';
import { Ago } from '../ui/time.tsx';
import { useTableKeys } from '../ui/use-table-keys.ts';
import { useT } from '../words/language.tsx';

const route = getRouteApi('/targets/$name');

/** One target: who holds it, and all that was done to it. */
export function TargetPage() {
  const t = useT();
  useTableKeys();
  const { name } = route.useParams();
  const { data, error, refetch } = useQuery(targetQuery(name));
  return (
    <Page
      wide
      title={name}
      actions={
        <div className={part.actions}>
          {data && <GroupButton target={data} />}
          <Link to="/" search={{ target: [name] }}>
            {t('targets.jobs')}
          </Link>
        </div>
      }
    >
      <RoomLinks />
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && <Facts target={data} />}
      {!error && <History name={name} />}
    </Page>
  );
}

function Facts({ target }: { target: Target }) {
  const t = useT();
  return (
    <dl className={part.facts}>
      <div>
        <dt>{t('field.status')}</dt>
        <dd>
          {target.activeJobId === null ? (
            t('targets.free')
          ) : (
            <Link to="/jobs/$id" params={{ id: String(target.activeJobId) }}>
              {t('targets.busy', { id: target.activeJobId })}
            </Link>
          )}
        </dd>
      </div>
      {target.group !== null && (
        <div>
          <dt>{t('targets.group')}</dt>
          <dd>
            <Link to="/targets" search={{ group: target.group }}>
              {target.group}
            </Link>
          </dd>
        </div>
      )}
    </dl>
  );
}

function History({ name }: { name: string }) {
  const t = useT();
  const jobs = useInfiniteQuery(targetJobsQuery(name));
  const pages = jobs.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const columns: Column<JobSummary>[] = [
    {
      key: 'name',
      head: t('field.name'),
      look: 'lead',
      cell: (job) => (
        <Link to="/jobs/$id" params={{ id: String(job.id) }}>
          {job.name}
        </Link>
      ),
    },
    { key: 'status', head: t('field.status'), cell: (job) => <LiveStatus job={job} /> },
    { key: 'operation', head: t('field.operation'), cell: (job) => job.operation },
    { key: 'note', head: t('field.info'), look: 'wide', cell: (job) => job.summary || job.error || job.info },
    { key: 'by', head: t('targets.by'), cell: (job) => job.user },
    { key: 'took', head: t('field.duration'), look: 'end', cell: (job) => took(job, t) },
    { key: 'at', head: t('field.submittedAt'), look: 'end', cell: (job) => <Ago at={job.submittedAt} /> },
  ];
  return (
    <section className={part.section}>
      <h2>{t('targets.history')}</h2>
      {jobs.error && <ErrorNote error={jobs.error} onRetry={() => void jobs.refetch()} />}
      {pages && rows.length === 0 && <p>{t('targets.history.none')}</p>}
      {rows.length > 0 && (
        <DataTable label={t('targets.history')} columns={columns} rows={rows} keyOf={(job) => job.id} />
      )}
      <More query={jobs} />
    </section>
  );
}

function LiveStatus({ job }: { job: JobSummary }) {
  return <JobStatusWord job={useLiveRow(job)} />;
}

function took({ startedAt, endedAt }: JobSummary, t: ReturnType<typeof useT>): string {
  if (startedAt === null || endedAt === null) return '';
  return formatDuration(Date.parse(endedAt) - Date.parse(startedAt), t);
}

function GroupButton({ target }: { target: Target }) {
  const t = useT();
  const may = useMay('maintenance.manage');
  const [open, setOpen] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('targets.group.edit')}</Button>
      {open && <GroupDialog target={target} onClose={() => setOpen(false)} />}
    </>
  );
}

function GroupDialog({ target, onClose }: { target: Target; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [group, setGroup] = useState(target.group ?? '');
  const save = useMutation({
    mutationFn: () =>
      call<Target>(`/targets/${encodeURIComponent(target.name)}`, {
        method: 'PATCH',
        body: { group: group.trim() || null },
      }),
    onSuccess: async () => {
      await Promise.all(
        ['target', 'targets', 'queue'].map((name) => client.invalidateQueries({ queryKey: [name] })),
      );
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={target.name} onClose={onClose}>
      <form className={part.form} onSubmit={submit}>
        <TextField
          label={t('targets.group')}
          hint={t('targets.group.hint')}
          value={group}
          onChange={(event) => setGroup(event.target.value)}
        />
        {save.error && <ErrorNote error={save.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.close')}</Button>
          <Button type="submit" look="main" disabled={save.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
