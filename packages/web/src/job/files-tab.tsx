import { formatBytes, type Job, type JobFile, type JobFiles, jobFileLimits } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './files-tab.module.css';
import { ReportedFiles } from './reported-files.tsx';

/** What is looked at: a file below the directory of the job, or its log. */
interface Shown {
  readonly path: string;
  readonly log: boolean;
}

/** What the job told of, and its directory. */
export function FilesTab({ job }: { job: Job }) {
  return (
    <>
      <ReportedFiles jobId={job.id} />
      <Directory job={job} />
    </>
  );
}

/** The directory of a job, to be looked at: folders, images, texts, and the end of the log. */
function Directory({ job }: { job: Job }) {
  const t = useT();
  const [path, setPath] = useState('');
  const [shown, setShown] = useState<Shown>();
  const query = useQuery({
    queryKey: ['job', job.id, 'files', path],
    queryFn: ({ signal }) =>
      call<JobFiles>(`/jobs/${job.id}/files?${new URLSearchParams({ path })}`, { signal }),
    retry: false,
  });
  if (query.error instanceof ApiError && query.error.status === 404 && path === '')
    return <p>{query.error.message}</p>;
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton />;
  const { directory, items, log, more } = query.data;
  const open = (next: string) => {
    setPath(next);
    setShown(undefined);
  };
  return (
    <>
      {log && (
        <p className={css.place}>
          {t('files.log')}{' '}
          <button type="button" className={css.name} onClick={() => setShown({ path: log.name, log: true })}>
            {log.path}
          </button>
        </p>
      )}
      {directory !== '' && <Place directory={directory} path={path} onOpen={open} />}
      {directory !== '' && items.length === 0 && <p>{t('files.none')}</p>}
      <ul className={css.files}>
        {items.map((item) => (
          <Entry
            key={item.path}
            item={item}
            chosen={shown?.log === false && shown.path === item.path}
            onOpen={() =>
              item.kind === 'directory' ? open(item.path) : setShown({ path: item.path, log: false })
            }
          />
        ))}
      </ul>
      {more && <p className={css.place}>{t('files.more', { count: jobFileLimits.entries })}</p>}
      {shown && <Content key={`${shown.log} ${shown.path}`} jobId={job.id} shown={shown} />}
    </>
  );
}

function Place({
  directory,
  path,
  onOpen,
}: {
  directory: string;
  path: string;
  onOpen: (path: string) => void;
}) {
  const folders = path === '' ? [] : path.split('/');
  return (
    <p className={css.place}>
      <button type="button" className={css.name} disabled={path === ''} onClick={() => onOpen('')}>
        {directory}
      </button>
      {folders.map((folder, i) => {
        const to = folders.slice(0, i + 1).join('/');
        return (
          <span key={to}>
            {' / '}
            <button type="button" className={css.name} disabled={to === path} onClick={() => onOpen(to)}>
              {folder}
            </button>
          </span>
        );
      })}
    </p>
  );
}

function Entry({ item, chosen, onOpen }: { item: JobFile; chosen: boolean; onOpen: () => void }) {
  const t = useT();
  return (
    <li className={css.file} data-chosen={chosen || undefined}>
      <button type="button" className={css.name} onClick={onOpen}>
        {item.kind === 'directory' ? `${item.name}/` : item.name}
      </button>
      <span className={css.size}>{item.size === null ? '' : formatBytes(item.size, t)}</span>
      <Ago at={item.modifiedAt} />
    </li>
  );
}

interface Loaded {
  readonly text?: string;
  /** Of a piece: what of the file it is. */
  readonly range?: string;
  readonly image?: boolean;
}

function Content({ jobId, shown }: { jobId: number; shown: Shown }) {
  const t = useT();
  const [part, setPart] = useState<'head' | 'tail'>(shown.log ? 'tail' : 'head');
  const words = new URLSearchParams({ part, ...(shown.log ? { log: 'true' } : { path: shown.path }) });
  const address = `/api/v1/jobs/${jobId}/files/content?${words}`;
  const query = useQuery({
    queryKey: ['job', jobId, 'file', address],
    queryFn: ({ signal }) => load(address, signal),
    retry: false,
    gcTime: 0,
  });
  const name = shown.path.split('/').at(-1) ?? '';
  return (
    <section className={css.content} aria-label={name}>
      <h3 className={css.place}>
        {name} {query.data?.range && <span>{query.data.range}</span>}
        {query.data?.range && (
          <Button onClick={() => setPart(part === 'head' ? 'tail' : 'head')}>
            {t(part === 'head' ? 'files.tail' : 'files.head')}
          </Button>
        )}
      </h3>
      {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton />}
      {query.data?.image && <img className={css.image} src={address} alt={name} />}
      {query.data?.text !== undefined && (
        <pre className={css.text} ref={part === 'tail' ? toEnd : undefined}>
          {query.data.text === '' ? t('files.empty') : query.data.text}
        </pre>
      )}
    </section>
  );
}

/** Where the latest lines are. */
function toEnd(text: HTMLPreElement | null): void {
  if (text) text.scrollTop = text.scrollHeight;
}

/** @throws ApiError */
async function load(address: string, signal: AbortSignal): Promise<Loaded> {
  const response = await fetch(address, { signal }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new ApiError(0, {});
  });
  if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => ({})));
  if (response.headers.get('content-type')?.startsWith('image/')) return { image: true };
  const range = response.headers.get('content-range')?.replace('bytes ', '');
  return { text: await response.text(), ...(range !== undefined && { range }) };
}
