import {
  type Digest,
  type DigestJob,
  type DigestList,
  type DigestProject,
  digestMarkdown,
  digestSpanText,
  endedStatuses,
  endedText,
  formatCount,
  weeksAround,
} from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { digestQuery } from '../api/diary-queries.ts';
import { AssessmentWord } from '../list/verdict.tsx';
import { Page } from '../shell/page.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { type ListFilter, ListLink } from '../ui/list-link.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './digest.module.css';
import { MailSubscription } from './mail-subscription.tsx';

const route = getRouteApi('/digest');

/** What ran, failed, was concluded and still waits, per project, in a week. */
export function DigestPage() {
  const t = useT();
  const search = route.useSearch();
  const { data, error, refetch } = useQuery(digestQuery(search));
  return (
    <Page
      title={data ? t('digest.title', { week: data.week }) : t('nav.digest')}
      actions={data && <Weeks digest={data} />}
    >
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton />}
      {data && (
        <>
          <div className={css.line}>
            <p>{digestSpanText(data, t)}</p>
            <span className={css.copy}>
              {t('digest.copyMarkdown')}
              <CopyButton text={() => digestMarkdown(data, t, location.origin)} />
            </span>
          </div>
          {data.projects.length === 0 && <p>{t('digest.empty')}</p>}
          {data.projects.map((project) => (
            <Project key={project.project ?? ' '} project={project} digest={data} />
          ))}
          <MailSubscription />
        </>
      )}
    </Page>
  );
}

function Weeks({ digest }: { digest: Digest }) {
  const t = useT();
  const { project } = route.useSearch();
  const { before, after } = weeksAround(digest);
  const isLast = Date.parse(digest.until) > Date.now();
  const more = project === undefined ? {} : { project };
  return (
    <nav className={css.weeks} aria-label={t('nav.digest')}>
      <Link to="/digest" search={{ week: before, ...more }}>
        ‹ {t('digest.previous')}
      </Link>
      {!isLast && (
        <Link to="/digest" search={{ week: after, ...more }}>
          {t('digest.next')} ›
        </Link>
      )}
      {project !== undefined && (
        <Link to="/digest" search={{ week: digest.week }}>
          {t('action.showAll')}
        </Link>
      )}
    </nav>
  );
}

function Project({ project, digest }: { project: DigestProject; digest: Digest }) {
  const t = useT();
  const { since, until, week } = digest;
  const name = project.project;
  // No filter names the absence of a project: the query does.
  const none = name === null ? ' -project:*' : '';
  const of: ListFilter = { obsolete: 'shown', ...(name !== null && { project: name }) };
  const inWeek = `ended-after:${since} ended-before:${until}${none}`;
  const ended = endedStatuses.join(',');
  const waiting = { status: 'finished,succeeded,failed,other', analysisStatus: 'open', assessment: 'none' };
  return (
    <section className={css.project}>
      <h2>
        {name === null ? (
          t('digest.noProject')
        ) : (
          <Link to="/digest" search={{ week, project: name }}>
            {name}
          </Link>
        )}
      </h2>
      <p>
        <ListLink filter={{ ...of, q: inWeek, status: ended }}>{endedText(project, t)}</ListLink>
      </p>
      <Jobs
        heading={t('digest.failed')}
        list={project.failed}
        filter={{ ...of, q: inWeek, status: 'failed' }}
      />
      <Jobs heading={t('digest.concluded')} list={project.concluded} filter={undefined} />
      <Jobs
        heading={t('digest.waiting')}
        list={project.waiting}
        filter={{ ...of, ...waiting, q: `ended-before:${until}${none}` }}
      />
    </section>
  );
}

function Jobs({
  heading,
  list,
  filter,
}: {
  heading: string;
  list: DigestList;
  filter: ListFilter | undefined;
}) {
  const t = useT();
  if (list.count === 0) return null;
  const more = list.count - list.items.length;
  const title = `${heading} (${formatCount(list.count, t)})`;
  return (
    <>
      <h3>{filter ? <ListLink filter={filter}>{title}</ListLink> : title}</h3>
      <ul className={css.jobs}>
        {list.items.map((job) => (
          <Job key={job.id} job={job} />
        ))}
      </ul>
      {more > 0 && <p className={css.more}>{t('digest.more', { count: more })}</p>}
    </>
  );
}

function Job({ job }: { job: DigestJob }) {
  return (
    <li>
      <StatusMark status={job.status} progress={100} />{' '}
      <Link to="/jobs/$id" params={{ id: String(job.id) }}>
        {job.externalId ?? `#${job.id}`} {job.name}
      </Link>
      {job.assessment && (
        <>
          {' '}
          <AssessmentWord assessment={job.assessment} />
        </>
      )}
      {job.user && <span className={css.more}> {job.user}</span>}
      {job.note !== '' && <span className={css.note}> {job.note}</span>}
    </li>
  );
}
