import { languages, type Permission } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { call } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/wire.ts';
import { SearchBox } from '../list/search-box.tsx';
import { liveLine } from '../live/live-line.ts';
import { Menu, MenuChoice, MenuHeading, menuItem } from '../ui/menu.tsx';
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts';
import { useSpeak, useT } from '../words/language.tsx';
import { pageKeys } from './page-keys.ts';
import { setTheme, switchTheme, themes, useTheme } from './theme.ts';
import css from './top-bar.module.css';

/** Pages that the entry of the queue leads to (room-links.tsx). */
const roomsOfQueue = ['/queue', '/targets', '/maintenance', '/datasets', '/sources'];

export function TopBar({ session }: { session: Session | undefined }) {
  const t = useT();
  const path = useLocation().pathname;
  const isInRooms = roomsOfQueue.some((room) => path.startsWith(room));
  const isQueueShown = session?.permissions.includes('queue.read');
  // Customers have one page: theirs.
  const isInside = session !== undefined && session.role !== 'customer';
  useGlobalKeys(session?.permissions);
  return (
    <header className={css.bar}>
      <Link to="/" className={css.brand} aria-label={t('app.name')}>
        <Mark />
        <span className={css.name}>{t('app.name')}</span>
      </Link>
      {session && (
        <nav className={css.nav} aria-label={t('nav.main')}>
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            {t('nav.jobs')}
          </Link>
          {isInside && <Link to="/inbox">{t('nav.inbox')}</Link>}
          {isInside && <Link to="/dashboard">{t('nav.dashboard')}</Link>}
          {isQueueShown && (
            <Link to="/queue" aria-current={isInRooms ? 'page' : undefined}>
              {t('nav.queue')}
            </Link>
          )}
          {isInside && (
            <Link to="/ingest" aria-current={path.startsWith('/bundles') ? 'page' : undefined}>
              {t('nav.ingest')}
            </Link>
          )}
          {isInside && <Link to="/configurations">{t('nav.configurations')}</Link>}
        </nav>
      )}
      <div className={css.middle}>{isInside && <SearchBox />}</div>
      <ThemeMenu />
      <PersonMenu session={session} />
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true" className={css.mark}>
      <rect x="1.5" y="1" width="13" height="14" rx="2" fill="currentcolor" />
      <path d="M4.5 1v14M7 5h5M7 8h5M7 11h3" stroke="var(--paper)" strokeWidth="1.2" fill="none" />
    </svg>
  );
}

function useGlobalKeys(permissions: readonly Permission[] | undefined): void {
  const t = useT();
  const navigate = useNavigate();
  const shortcuts = useMemo(
    (): Shortcut[] => [
      ...pageKeys
        .filter(({ permission }) => permissions?.includes(permission))
        .map(({ keys, label, to }) => ({ keys, label: t(label), run: () => void navigate({ to }) })),
      { keys: 't', label: t('keyboard.theme'), run: switchTheme },
      { keys: 'g h', label: t('shell.goHelp'), run: () => void navigate({ to: '/help' }) },
    ],
    [t, navigate, permissions],
  );
  useShortcuts(shortcuts);
}

function ThemeMenu() {
  const t = useT();
  const theme = useTheme();
  return (
    <Menu
      name={t('theme.title')}
      label={
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r="6" fill="none" stroke="currentcolor" strokeWidth="1.4" />
          <path d="M8 2a6 6 0 0 1 0 12z" fill="currentcolor" />
        </svg>
      }
    >
      {themes.map((each) => (
        <MenuChoice key={each} chosen={each === theme} onChoose={() => setTheme(each)}>
          {t(`theme.${each}`)}
        </MenuChoice>
      ))}
    </Menu>
  );
}

function PersonMenu({ session }: { session: Session | undefined }) {
  const t = useT();
  const may = (permission: Session['permissions'][number]) => session?.permissions.includes(permission);
  return (
    <Menu
      name={session ? t('shell.personMenu', { name: session.displayName || session.name }) : t('nav.menu')}
      label={
        <span className={css.person}>{session ? session.displayName || session.name : t('nav.menu')}</span>
      }
    >
      {session && (
        <p className={css.who}>
          <b>{session.displayName || session.name}</b>
          {t(`role.${session.role}`)}
        </p>
      )}
      {may('customers.manage') && (
        <Link to="/customers" className={menuItem}>
          {t('nav.customers')}
        </Link>
      )}
      {may('keys.own') && (
        <Link to="/keys" className={menuItem}>
          {t('nav.keys')}
        </Link>
      )}
      {may('users.manage') && (
        <Link to="/users" className={menuItem}>
          {t('nav.users')}
        </Link>
      )}
      {session && session.role !== 'customer' && (
        <>
          <Link to="/inbox" className={`${menuItem} ${css.onlyNarrow}`}>
            {t('nav.inbox')}
          </Link>
          <Link to="/dashboard" className={`${menuItem} ${css.onlyNarrow}`}>
            {t('nav.dashboard')}
          </Link>
          <Link to="/digest" className={menuItem}>
            {t('nav.digest')}
          </Link>
          {may('queue.read') && (
            <Link to="/queue" className={`${menuItem} ${css.onlyNarrow}`}>
              {t('nav.queue')}
            </Link>
          )}
          <Link to="/configurations" className={`${menuItem} ${css.onlyNarrow}`}>
            {t('nav.configurations')}
          </Link>
          <Link to="/api" className={menuItem}>
            {t('nav.api')}
          </Link>
        </>
      )}
      <Link to="/help" className={menuItem}>
        {t('nav.help')}
      </Link>
      <Link to="/about" className={menuItem}>
        {t('nav.about')}
      </Link>
      <LanguageChoices signedIn={session?.kind === 'user'} />
      {session ? <SignOut /> : null}
    </Menu>
  );
}

function LanguageChoices({ signedIn }: { signedIn: boolean }) {
  const t = useT();
  const speak = useSpeak();
  const client = useQueryClient();
  const choose = async (language: (typeof languages)[number]) => {
    await speak(language);
    if (!signedIn) return;
    // A wish that does not arrive still holds in this browser.
    const session = await call<Session>('/session', { method: 'PATCH', body: { language } }).catch(
      () => undefined,
    );
    if (session) client.setQueryData(sessionQuery.queryKey, session);
  };
  return (
    <div className={css.group}>
      <MenuHeading>{t('language.title')}</MenuHeading>
      {languages.map((language) => (
        <MenuChoice key={language} chosen={language === t.language} onChoose={() => void choose(language)}>
          <span lang={language}>{t(`language.${language}`)}</span>
        </MenuChoice>
      ))}
    </div>
  );
}

function SignOut() {
  const t = useT();
  const signOut = useMutation({
    mutationFn: () => call('/session', { method: 'DELETE' }),
    onSuccess: () => {
      liveLine.signedOut();
      // Loaded anew: nothing of what this person has seen is left in the page.
      window.location.replace('/diary/sign-in');
    },
  });
  return (
    <div className={css.group}>
      <button type="button" className={menuItem} onClick={() => signOut.mutate()}>
        {t('signOut')}
      </button>
    </div>
  );
}
