import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { useT } from '../words/language.tsx';
import css from './help.module.css';

export function AboutPage() {
  const t = useT();
  const { data: session } = useQuery(sessionQuery);
  return (
    <Page title={t('about.title')}>
      <p className={css.lead}>{t('app.claim')}.</p>
      <p className={css.text}>{t('about.explain')}</p>
      {session && (
        <dl className={css.facts}>
          <div>
            <dt>{t('field.version')}</dt>
            <dd>{session.server.version}</dd>
          </div>
          <div>
            <dt>{t('about.engine')}</dt>
            <dd>{session.server.engine === 'postgres' ? 'PostgreSQL' : 'SQLite'}</dd>
          </div>
          <div>
            <dt>{t('about.licence')}</dt>
            <dd>MIT</dd>
          </div>
        </dl>
      )}
      <ul className={css.links}>
        <li>
          <Link to="/help">{t('nav.help')}</Link>
        </li>
        <li>
          <Link to="/help/errors">{t('about.errors')}</Link>
        </li>
        {session?.server.feedback && (
          <li>
            <a href={session.server.feedback}>{t('about.feedback')}</a>
          </li>
        )}
        {session?.permissions.includes('jobs.inspect') && (
          <li>
            <Link to="/api">{t('nav.api')}</Link>
          </li>
        )}
      </ul>
    </Page>
  );
}
