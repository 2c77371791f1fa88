import { jobStatuses } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { verdictKeys } from '../inbox/verdict-keys.ts';
import { KeyList } from '../shell/keys-help.tsx';
import { Page } from '../shell/page.tsx';
import { pageKeys } from '../shell/page-keys.ts';
import { useHelpsWith } from '../shell/session.ts';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './help.module.css';
import { SearchHelp } from './search-help.tsx';
import { StatusDiagram } from './status-diagram.tsx';
import { TransitionTable } from './transition-table.tsx';

const parts = [
  { part: 'search', title: 'about.search', permission: 'jobs.inspect' },
  { part: 'statuses', title: 'about.statuses', permission: 'jobs.read' },
  { part: 'keys', title: 'help.keys', permission: 'jobs.read' },
] as const;

/** What one can do here, and nothing of what others can: customers neither search nor judge. */
export function HelpPage() {
  const t = useT();
  const helpsWith = useHelpsWith();
  return (
    <Page title={t('nav.help')}>
      <ul className={css.links}>
        {parts
          .filter(({ permission }) => helpsWith(permission))
          .map(({ part, title }) => (
            <li key={part}>
              <Link to="/help" hash={part}>
                {t(title)}
              </Link>
            </li>
          ))}
        <li>
          <Link to="/help/errors">{t('about.errors')}</Link>
        </li>
      </ul>
      {helpsWith('jobs.inspect') && <SearchHelp />}
      <section className={css.section} id="statuses">
        <h2>{t('about.statuses')}</h2>
        <dl className={css.statuses}>
          {jobStatuses.map((status) => (
            <div key={status}>
              <dt>
                <StatusMark status={status} progress={35} /> {t(`status.${status}`)}
              </dt>
              <dd>{t(`status.${status}.hint`)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className={css.section}>
        <h2>{t('help.transitions')}</h2>
        <p className={css.text}>{t('help.transitions.explain')}</p>
        <StatusDiagram />
        <details className={css.details}>
          <summary>{t('help.transitions.table')}</summary>
          <TransitionTable />
        </details>
      </section>
      <section className={css.section} id="keys">
        <h2>{t('help.keys')}</h2>
        <h3>{t('help.keys.everywhere')}</h3>
        <KeyList
          shortcuts={[
            { keys: '?', label: t('keyboard.show') },
            ...(helpsWith('jobs.inspect') ? [{ keys: '/', label: t('keyboard.search') }] : []),
            { keys: 'Ctrl K', label: t('keyboard.palette') },
            ...pageKeys
              .filter(({ permission }) => helpsWith(permission))
              .map(({ keys, label }) => ({ keys, label: t(label) })),
            { keys: 'g h', label: t('shell.goHelp') },
            { keys: 't', label: t('keyboard.theme') },
          ]}
        />
        {helpsWith('jobs.inspect') && <PageKeys />}
      </section>
    </Page>
  );
}

function PageKeys() {
  const t = useT();
  return (
    <>
      <h3>{t('jobs.title')}</h3>
      <KeyList
        shortcuts={[
          { keys: 'j', label: t('keyboard.next') },
          { keys: 'k', label: t('keyboard.previous') },
          { keys: 'Enter', label: t('keyboard.open') },
          { keys: 'x', label: t('keyboard.select') },
          { keys: 'X', label: t('bulk.selectTo') },
          { keys: 'e', label: t('keyboard.edit') },
          ...verdictKeys.map(({ key, label }) => ({
            keys: `e ${key}`,
            label: t('rowVerdict.key', { verdict: t(label) }),
          })),
          { keys: 'e u', label: t('rowVerdict.undo') },
          { keys: 'n', label: t('keyboard.refresh') },
          { keys: 'u', label: t('jobs.filter.clear') },
        ]}
      />
      <h3>{t('nav.queue')}</h3>
      <KeyList
        shortcuts={[
          { keys: 'j', label: t('keyboard.next') },
          { keys: 'k', label: t('keyboard.previous') },
          { keys: 'p', label: t('pause.key') },
        ]}
      />
      <h3>{t('help.keys.job')}</h3>
      <KeyList
        shortcuts={[
          { keys: 'j', label: t('keyboard.nextJob') },
          { keys: 'k', label: t('keyboard.previousJob') },
          { keys: 'b', label: t('keyboard.back') },
          { keys: '1', label: `${t('job.tab.timeline')} …` },
          { keys: 'f', label: t('keyboard.follow') },
          { keys: 'w', label: t('keyboard.wrap') },
        ]}
      />
    </>
  );
}
