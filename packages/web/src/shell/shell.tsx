import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation, useMatches, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { maintenanceQuery, sessionQuery } from '../api/queries.ts';
import { liveLine } from '../live/live-line.ts';
import { PauseNote } from '../maintenance/pause-note.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Toast } from '../ui/toast.tsx';
import { useSpeak, useT } from '../words/language.tsx';
import { CommandPalette } from './command-palette.tsx';
import { KeysHelp } from './keys-help.tsx';
import { LiveNote } from './live-note.tsx';
import { NotAllowed } from './not-allowed.tsx';
import css from './shell.module.css';
import { TopBar } from './top-bar.tsx';

/** Pages that speak to anybody. */
const openPages = ['/sign-in', '/progress', '/invitation', '/about', '/help', '/help/errors'];

/** Pages that look the same whoever is signed in: a password may have to be set first, and a link is for strangers. */
const strangersPages = ['/sign-in', '/progress'];

/** What stands around every page. Nothing of the diary is drawn, nor asked for, before somebody is signed in. */
export function Shell() {
  const t = useT();
  const speak = useSpeak();
  const navigate = useNavigate();
  const location = useLocation();
  const { data: session, error, refetch } = useQuery(sessionQuery);
  // Asked together with who is signed in, and known before the first page is drawn: its note must not push that down.
  const maintenance = useQuery({ ...maintenanceQuery, enabled: session !== null });
  const path = location.pathname.replace(/\/$/, '');
  const isOpen = openPages.includes(path);
  const permission = useMatches({ select: (matches) => matches.at(-1)?.staticData.permission });
  // Until the next page is loaded the one before it is drawn, whatever the address says already.
  const drawn = useMatches({ select: (matches) => matches.at(-1)?.fullPath });
  const drawsOpen = openPages.some((page) => page === drawn?.replace(/\/$/, ''));
  const isAllowed = permission === undefined || session?.permissions.includes(permission);
  const isStrangers = strangersPages.includes(path);

  useEffect(() => {
    if (session) liveLine.join(session.position);
  }, [session]);

  // What is chosen here goes to the session too, so this acts only when the session says something new.
  const language = session?.language;
  const spoken = useRef(t.language);
  spoken.current = t.language;
  useEffect(() => {
    if (language && language !== spoken.current) void speak(language);
  }, [language, speak]);

  const isSignedIn = Boolean(session);
  const wasSignedIn = useRef(false);
  const mustSignIn = session === null && !isOpen;
  const next = location.href;
  useEffect(() => {
    const search = { ...(next !== '/' && { next }), ...(wasSignedIn.current && { ended: true as const }) };
    if (mustSignIn) void navigate({ to: '/sign-in', search, replace: true });
    wasSignedIn.current = isSignedIn;
  }, [mustSignIn, isSignedIn, navigate, next]);

  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">
        {t('nav.skip')}
      </a>
      <TopBar session={isStrangers ? undefined : (session ?? undefined)} />
      <LiveNote signedIn={Boolean(session)} />
      {session?.server.demo && <aside className={css.demo}>{t('shell.demo')}</aside>}
      {session && !isStrangers && session.role !== 'customer' && <PauseNote />}
      {drawsOpen || (session && !maintenance.isPending) ? (
        isAllowed ? (
          <Outlet />
        ) : (
          <NotAllowed />
        )
      ) : (
        <main id="content">{error && <ErrorNote error={error} onRetry={() => void refetch()} />}</main>
      )}
      <KeysHelp />
      {session && !isStrangers && <CommandPalette />}
      <Toast />
    </div>
  );
}
