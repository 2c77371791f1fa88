import { useQuery } from '@tanstack/react-query';
import { reportedFilesQuery } from '../api/queries.ts';
import { useT } from '../words/language.tsx';
import { EventTarget } from './event-target.tsx';
import css from './files-tab.module.css';

/** The files and links that the job told of by itself; they may lie where the server does not see them. */
export function ReportedFiles({ jobId }: { jobId: number }) {
  const t = useT();
  const { data } = useQuery(reportedFilesQuery(jobId));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section>
      <h2 className={css.place}>{t('files.reported')}</h2>
      <ul className={css.files}>
        {data.items.map((event) => (
          <li key={event.id} className={css.reported}>
            <EventTarget event={event} />
          </li>
        ))}
      </ul>
    </section>
  );
}
