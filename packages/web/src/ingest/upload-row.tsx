import { formatBytes, formatDuration, formatRate, isEnded, type Job } from '@daybook/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { JobStatusWord } from '../list/job-status.tsx';
import { Button } from '../ui/button.tsx';
import { useT } from '../words/language.tsx';
import css from './ingest.module.css';
import { bundleOfJobQuery, ingestJobQuery } from './queries.ts';
import { type Upload, uploadList } from './upload-list.ts';

/** One bundle that this tab sends: how much is there, how much of it is checked, how fast, how long still. */
export function UploadRow({ upload }: { upload: Upload }) {
  const t = useT();
  const { key, name, files, size, sent, state, jobId } = upload;
  const job = useQuery({ ...ingestJobQuery(jobId ?? 0, isOver), enabled: jobId !== undefined });
  const checked = job.data === undefined ? 0 : checkedPart(job.data);
  return (
    <li className={css.upload}>
      <div className={css.uploadHead}>
        <strong>{name || t('ingest.untitled')}</strong>
        <span className={css.faint}>
          {t('ingest.fileCount', { count: files, size: formatBytes(size, t) })}
        </span>
        {job.data && <JobStatusWord job={job.data} />}
      </div>
      <Bar label={t('ingest.received')} part={size === 0 ? 0 : sent / size} />
      <Bar label={t('ingest.checked')} part={checked} />
      <p className={css.uploadState} aria-live="polite">
        <StateText upload={upload} job={job.data} />
      </p>
      <div className={css.verbs}>
        {state === 'sends' && <Button onClick={() => uploadList.pause(key)}>{t('ingest.pause')}</Button>}
        {(state === 'pauses' || (state === 'failed' && upload.error?.code === 'network')) && (
          <Button look="main" onClick={() => uploadList.resume(key)}>
            {t('ingest.resume')}
          </Button>
        )}
        {state !== 'done' && state !== 'failed' && (
          <Button look="plain" onClick={() => uploadList.cancel(key)}>
            {t('ingest.cancel')}
          </Button>
        )}
        {(state === 'failed' || (state === 'done' && job.data && isOver(job.data))) && (
          <Button look="plain" onClick={() => uploadList.remove(key)}>
            {t('ingest.hide')}
          </Button>
        )}
        {jobId !== undefined && (
          <Link to="/jobs/$id" params={{ id: String(jobId) }}>
            {t('ingest.job', { id: jobId })}
          </Link>
        )}
        {job.data?.status === 'succeeded' && <BundleLink jobId={job.data.id} />}
      </div>
    </li>
  );
}

function isOver({ status }: Job): boolean {
  return isEnded(status);
}

/** How much of what comes after receiving is done, 0–1, by the weights of the steps. */
function checkedPart({ status, steps }: Job): number {
  if (status === 'succeeded') return 1;
  const rest = steps.filter(({ tag }) => tag !== 'UPLOADING');
  const all = rest.reduce((sum, { points }) => sum + points, 0);
  const done = rest.reduce((sum, { points, percent, status: step }) => {
    if (step === 'succeeded') return sum + points;
    return step === 'running' ? sum + (points * (percent ?? 0)) / 100 : sum;
  }, 0);
  return all === 0 ? 0 : done / all;
}

function Bar({ label, part }: { label: string; part: number }) {
  const t = useT();
  const percent = Math.floor(Math.min(1, part) * 100);
  return (
    <div className={css.bar}>
      <span aria-hidden="true">{label}</span>
      <progress max={100} value={percent} aria-label={label} />
      <span className={css.percent}>{t('ingest.percent', { percent })}</span>
    </div>
  );
}

function StateText({ upload, job }: { upload: Upload; job: Job | undefined }) {
  const t = useT();
  const { state, rate, size, sent, error } = upload;
  if (state === 'failed') return <span className={css.bad}>{error?.detail || t('ingest.state.failed')}</span>;
  if (state === 'done' && job?.status === 'failed') return <span className={css.bad}>{job.error}</span>;
  if (state === 'done') return t(job?.status === 'succeeded' ? 'ingest.state.archived' : 'ingest.state.done');
  if (state !== 'sends' || rate === 0) return t(`ingest.state.${state}`);
  const left = formatDuration(((size - sent) / rate) * 1_000, t);
  return t('ingest.state.rate', { rate: formatRate(rate, t), left });
}

function BundleLink({ jobId }: { jobId: number }) {
  const t = useT();
  const client = useQueryClient();
  const { data } = useQuery(bundleOfJobQuery(jobId));
  // It is new in the list below.
  useEffect(() => void client.invalidateQueries({ queryKey: ['bundles'] }), [client]);
  const bundle = data?.items[0];
  if (bundle === undefined) return null;
  return (
    <Link to="/bundles/$id" params={{ id: String(bundle.id) }}>
      {t('ingest.bundle.one', { id: bundle.id })}
    </Link>
  );
}
